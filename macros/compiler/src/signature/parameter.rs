//! One parameter of a function.
//!
//! *In:* `w: &[T; 4]`, `(a, b): (f64, f64)` or `&self`. *Out:* [`ParameterSignature`]: how it is passed, of which type it is without its reference, and whether that type makes it
//! active.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, Pat, ReceiverKind, Type};

use crate::args::Args;
use crate::error::{Errors, unsupported};
use crate::ir::Passing;
use crate::ir::names::Taken;

use super::scalars::{alone_but_for_references, holds_structs, inner_reference, scalars_alone};
use super::{ParameterSignature, shape};

/// Reads a parameter; it is active by its type.
pub(super) fn read(
    index: usize,
    arg: &FnArg,
    function: Option<&Ident>,
    args: &Args,
    is_scalar: &dyn Fn(&Type) -> bool,
    taken: &mut Taken,
    errors: &mut Errors,
) -> ParameterSignature {
    match arg {
        FnArg::Receiver(receiver) => receiver_parameter(receiver, errors),
        FnArg::Typed(typed) => {
            let (passing, inner) = match &*typed.ty {
                Type::Reference(reference) if reference.mutability.is_some() => (Passing::Mutable, &*reference.elem),
                Type::Reference(reference) => (Passing::Shared, &*reference.elem),
                other if is_scalar(other) => (Passing::Scalar, other),
                other => (Passing::Owned, other),
            };
            let (name, pattern, mutable) = match &*typed.pat {
                // beside a parameter of its own name, the function could not be named
                Pat::Ident(ident) if ident.subpat.is_none() && ident.by_ref.is_none() && Some(&ident.ident) != function => {
                    (ident.ident.clone(), None, ident.mutability.is_some())
                }
                other => {
                    let name = taken.fresh(&format!("argument_{index}"));
                    (Ident::new(&name, Span::mixed_site()), Some(other.clone()), false)
                }
            };
            let element = match inner {
                Type::Slice(slice) => Some(slice.elem.to_token_stream()),
                _ => None,
            };
            let alone = scalars_alone(inner, is_scalar);
            let is_outside = pattern.is_none() && args.wrt.as_ref().is_some_and(|wrt| !wrt.contains(&name));
            if !is_outside && alone_but_for_references(inner, is_scalar) && inner_reference(inner).is_some() {
                errors.at(
                    &typed.ty,
                    unsupported(
                        "a reference inside of another type",
                        "its adjoint would have to be one as well",
                        "write the reference outermost, or pass the parts as parameters of their own",
                    ),
                );
            }
            ParameterSignature {
                span: name.span(),
                name,
                pattern,
                mutable,
                ty: typed.ty.to_token_stream(),
                inner: inner.to_token_stream(),
                syntax: Some(inner.clone()),
                element,
                passing,
                active: alone,
                receiver: false,
                scalars_alone: alone,
                holds_structs: holds_structs(inner, is_scalar),
                shape: shape::of_type(inner, is_scalar),
                callable: None,
            }
        }
    }
}

pub(super) fn receiver_parameter(receiver: &syn::Receiver, errors: &mut Errors) -> ParameterSignature {
    let (passing, ty) = match &receiver.kind {
        ReceiverKind::Value => (Passing::Owned, quote!(Self)),
        ReceiverKind::Reference(_, lifetime, None) => (Passing::Shared, quote!(& #lifetime Self)),
        ReceiverKind::Reference(_, lifetime, Some(_)) => (Passing::Mutable, quote!(& #lifetime mut Self)),
        _ => {
            let what = unsupported(
                "a receiver with a written type",
                "what it points to is not known",
                "write `self`, `&self` or `&mut self`",
            );
            errors.at(receiver, what);
            (Passing::Owned, quote!(Self))
        }
    };
    ParameterSignature {
        name: receiver
            .self_token
            .to_token_stream()
            .into_iter()
            .next()
            .map_or_else(|| format_ident!("this"), |token| Ident::new("this", token.span())),
        pattern: None,
        mutable: receiver.mutability.is_some(),
        ty,
        inner: quote!(Self),
        syntax: None,
        element: None,
        passing,
        active: false,
        receiver: true,
        scalars_alone: false,
        holds_structs: true,
        shape: None,
        callable: None,
        span: receiver.self_token.span,
    }
}
