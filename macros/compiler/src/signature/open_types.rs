//! Parameters of the type `impl Trait`.
//!
//! *In:* `fn f(x: impl Real) -> f64`. *Out:* `fn f<R: Real>(x: R) -> f64`.

use proc_macro2::{Ident, Span};
use syn::{FnArg, GenericParam, ItemFn, Type};

use crate::ir::names;

use super::callable::fn_bound;
use super::scalars::bounds_make_scalar;

/// Gives each `impl Trait` of the parameters a name: a type parameter, so that literals and derivatives can name the type. Says whether there is
/// one.
pub fn name(item: &mut ItemFn) -> bool {
    let is_open = |arg: &FnArg| match arg {
        FnArg::Typed(typed) => match &*typed.ty {
            Type::Reference(reference) => matches!(*reference.elem, Type::ImplTrait(_)),
            other => matches!(other, Type::ImplTrait(_)),
        },
        FnArg::Receiver(_) => false,
    };
    if !item.sig.inputs.iter().any(is_open) {
        return false;
    }
    let mut taken = names::of_function(item);
    let mut added: Vec<GenericParam> = Vec::new();
    for arg in &mut item.sig.inputs {
        let FnArg::Typed(typed) = arg else { continue };
        let ty = match &mut *typed.ty {
            Type::Reference(reference) => &mut *reference.elem,
            other => other,
        };
        if let Type::ImplTrait(impls) = ty {
            let wish = match () {
                () if bounds_make_scalar(&impls.bounds) => "R",
                () if fn_bound(&impls.bounds).is_some() => "Function",
                () => "Argument",
            };
            let name = Ident::new(&taken.fresh(wish), Span::mixed_site().located_at(impls.impl_token.span));
            let bounds = &impls.bounds;
            added.push(syn::parse_quote!(#name: #bounds));
            *ty = syn::parse_quote!(#name);
        }
    }
    item.sig.generics.lt_token.get_or_insert_with(Default::default);
    item.sig.generics.gt_token.get_or_insert_with(Default::default);
    item.sig.generics.params.extend(added);
    true
}
