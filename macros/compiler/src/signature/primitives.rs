//! The types of numbers by their paths, as they are written where the names mean something else.
//!
//! *In:* `fn f(x: core::primitive::f64) -> f64`. *Out:* `fn f(x: f64) -> f64`

use std::borrow::Cow;

use syn::ItemFn;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};

/// The function with the types of numbers by their names alone.
pub fn plain(function: Cow<'_, ItemFn>) -> Cow<'_, ItemFn> {
    struct Primitives(bool);
    impl<'ast> Visit<'ast> for Primitives {
        fn visit_type_path(&mut self, ty: &'ast syn::TypePath) {
            self.0 |= is_primitive(ty);
            visit::visit_type_path(self, ty);
        }
    }
    impl VisitMut for Primitives {
        fn visit_type_path_mut(&mut self, ty: &mut syn::TypePath) {
            if is_primitive(ty)
                && let Some(last) = ty.path.segments.last().cloned()
            {
                ty.path = last.into();
            }
            visit_mut::visit_type_path_mut(self, ty);
        }
    }
    let mut primitives = Primitives(false);
    primitives.visit_item_fn(&function);
    if !primitives.0 {
        return function;
    }
    let mut function = function.into_owned();
    primitives.visit_item_fn_mut(&mut function);
    Cow::Owned(function)
}

/// `core::primitive::f64`
fn is_primitive(ty: &syn::TypePath) -> bool {
    let mut before = ty.path.segments.iter().rev().skip(1);
    ty.qself.is_none()
        && before.next().is_some_and(|segment| segment.ident == "primitive")
        && before.next().is_none_or(|segment| segment.ident == "core" || segment.ident == "std")
}
