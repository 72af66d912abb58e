//! Inactive values that may be references, or hold some: what a function of the user gives, or a choice.
//!
//! *In:* the expression of a value. *Out:* whether it may hold a reference, as far as its form tells. The backward half of a call cannot keep a reference:
//! types decide whether it is one (`rt::Left`), and what it is to is copied then.

use syn::visit::Visit;
use syn::{Expr, Local, Pat, Type};

use crate::rules;

use super::syntax::{ends, strip};

/// Methods that give values of their own.
pub(super) const GIVE_VALUES: &[&str] = &[
    "all",
    "any",
    "clone",
    "cloned",
    "contains",
    "contains_key",
    "copied",
    "count",
    "is_empty",
    "len",
    "position",
    "product",
    "sum",
    "to_owned",
    "to_string",
    "to_vec",
];

/// Whether a declared variable may hold a reference.
pub fn may_be_declared(local: &Local) -> bool {
    let is_of_values = matches!(&local.pat, Pat::Type(typed) if is_of_values(&typed.ty));
    !is_of_values && local.init.as_ref().is_some_and(|init| may_hold(&init.expr))
}

/// Whether a value may hold a reference.
pub fn may_hold(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Call(call) => !call.args.is_empty() && !is_constructor(&call.func),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let is_taken_out = name.starts_with("unwrap") || name == "expect";
            let is_of_iterators = matches!(name.as_str(), "max" | "min") && call.args.is_empty();
            let gives_values = GIVE_VALUES.contains(&name.as_str()) || rules::find(&name).is_some() && !is_of_iterators;
            if is_taken_out { may_hold(&call.receiver) || call.args.iter().any(may_hold) } else { !gives_values }
        }
        Expr::Reference(reference) => reference.mutability.is_none(),
        Expr::Tuple(tuple) => tuple.elems.iter().any(may_hold),
        Expr::Array(array) => array.elems.iter().any(may_hold),
        other => ends(other).into_iter().any(may_hold),
    }
}

/// `Type::new`: what it gives may hold references, but is none.
fn is_constructor(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    path.path.segments.iter().any(|segment| segment.ident.to_string().starts_with(char::is_uppercase))
}

/// Whether no reference is written in the type.
fn is_of_values(ty: &Type) -> bool {
    struct References(bool);
    impl<'ast> Visit<'ast> for References {
        fn visit_type_reference(&mut self, _: &'ast syn::TypeReference) {
            self.0 = true;
        }

        fn visit_type_infer(&mut self, _: &'ast syn::TypeInfer) {
            self.0 = true;
        }
    }
    let mut references = References(false);
    references.visit_type(ty);
    !references.0
}
