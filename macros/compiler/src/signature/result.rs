//! What a function returns.
//!
//! *In:* the written type of the result. *Out:* its tokens, and [`Returns`]; an error where not all of it is floats.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ReturnType, Type};

use crate::error::{Errors, unsupported};

use super::inert::{container_type, is_integer};

/// What a function returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returns {
    /// Nothing.
    Nothing,
    /// A scalar.
    Scalar,
    /// Something else that holds scalars.
    Space,
}

pub(super) fn output(output: &ReturnType, is_scalar: &dyn Fn(&Type) -> bool, errors: &mut Errors) -> (TokenStream, Returns) {
    let ReturnType::Type(_, ty) = output else { return (quote!(()), Returns::Nothing) };
    let returns = match &**ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Nothing,
        other if is_scalar(other) && !matches!(other, Type::ImplTrait(_)) => Returns::Scalar,
        other => {
            if let Some(why) = no_space(other) {
                let help = "return a scalar, an array, a `Vec` or a tuple of scalars, or a struct that derives `Differentiable`";
                errors.at(ty, unsupported("a result of this type", why, help));
            }
            Returns::Space
        }
    };
    (ty.to_token_stream(), returns)
}

/// Why a type of a result is none that derivatives have.
pub(super) fn no_space(ty: &Type) -> Option<&'static str> {
    match ty {
        _ if is_integer(ty) => Some("it holds no floats"),
        Type::Path(path) => {
            let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let holds_none = container_type(ty).is_some() || matches!(name.as_str(), "Option" | "Result" | "ControlFlow");
            holds_none.then_some("not all of it is floats, or it is not known how they lie in it")
        }
        Type::Array(array) => no_space(&array.elem),
        Type::Tuple(tuple) => {
            let holds_floats = tuple.elems.iter().any(|elem| no_space(elem).is_none());
            tuple.elems.iter().find_map(no_space).map(|why| if holds_floats { "not all of it is floats" } else { why })
        }
        Type::Paren(paren) => no_space(&paren.elem),
        Type::Group(group) => no_space(&group.elem),
        Type::Reference(_) => Some("it belongs to the caller, and so would its adjoint"),
        Type::ImplTrait(_) => Some("the type behind `impl` is not known here"),
        Type::Never(_) => Some("the function never returns"),
        _ => Some("it holds no floats"),
    }
}
