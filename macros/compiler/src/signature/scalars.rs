//! Which written types are scalars, and which are made of them.
//!
//! *In:* a type, and the type parameters that are bounded by `Real` or `Scalar`. *Out:* whether it is a scalar, or arrays, slices and tuples of scalars alone,
//! or may hold structs.

use proc_macro2::Ident;
use syn::{ItemFn, Type, TypeParamBound, WherePredicate};

use super::letters;

/// Whether the bounds make a type a scalar.
pub fn bounds_make_scalar<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|segment| segment.ident == "Real" || segment.ident == "Scalar")
        }
        _ => false,
    })
}

/// The type parameters that are scalars, by their bounds in angle brackets or in `where`.
pub(super) fn of(item: &ItemFn) -> Vec<Ident> {
    let generics = &item.sig.generics;
    let mut scalars: Vec<Ident> =
        generics.type_params().filter(|param| bounds_make_scalar(&param.bounds)).map(|param| param.ident.clone()).collect();
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Type(predicate) = predicate
            && let Type::Path(path) = &predicate.bounded_ty
        {
            match path.path.get_ident() {
                Some(name) if bounds_make_scalar(&predicate.bounds) && !scalars.contains(name) => scalars.push(name.clone()),
                _ => {}
            }
        }
    }
    scalars
}

pub fn is_scalar(ty: &Type, scalars: &[Ident], member: bool) -> bool {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.get_ident().is_some_and(|name| {
            let text = name.to_string();
            text == "f32" || text == "f64" || scalars.contains(name) || (member && letters::is_letter(name))
        }),
        Type::ImplTrait(impls) => bounds_make_scalar(&impls.bounds),
        Type::Paren(paren) => is_scalar(&paren.elem, scalars, member),
        Type::Group(group) => is_scalar(&group.elem, scalars, member),
        _ => false,
    }
}

pub(super) fn scalars_alone(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Array(array) => scalars_alone(&array.elem, is_scalar),
        Type::Slice(slice) => scalars_alone(&slice.elem, is_scalar),
        Type::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(|elem| scalars_alone(elem, is_scalar)),
        Type::Paren(paren) => scalars_alone(&paren.elem, is_scalar),
        Type::Group(group) => scalars_alone(&group.elem, is_scalar),
        other => is_scalar(other),
    }
}

pub(super) fn alone_but_for_references(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Reference(reference) => alone_but_for_references(&reference.elem, is_scalar),
        Type::Array(array) => alone_but_for_references(&array.elem, is_scalar),
        Type::Slice(slice) => alone_but_for_references(&slice.elem, is_scalar),
        Type::Tuple(tuple) => !tuple.elems.is_empty() && tuple.elems.iter().all(|elem| alone_but_for_references(elem, is_scalar)),
        other => is_scalar(other),
    }
}

/// Whether a type is neither made of scalars alone nor of `Vec`s of such.
pub(super) fn holds_structs(ty: &Type, is_scalar: &dyn Fn(&Type) -> bool) -> bool {
    match ty {
        Type::Array(array) => holds_structs(&array.elem, is_scalar),
        Type::Slice(slice) => holds_structs(&slice.elem, is_scalar),
        Type::Tuple(tuple) => tuple.elems.iter().any(|elem| holds_structs(elem, is_scalar)),
        Type::Paren(paren) => holds_structs(&paren.elem, is_scalar),
        Type::Group(group) => holds_structs(&group.elem, is_scalar),
        Type::Path(path) if !is_scalar(ty) => match path.path.segments.last() {
            Some(last) if last.ident == "Vec" => match &last.arguments {
                syn::PathArguments::AngleBracketed(generics) => generics
                    .args
                    .iter()
                    .any(|argument| matches!(argument, syn::GenericArgument::Type(inner) if holds_structs(inner, is_scalar))),
                _ => true,
            },
            _ => true,
        },
        other => !is_scalar(other),
    }
}

pub(super) fn inner_reference(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) => Some(&*reference.elem),
        Type::Array(array) => inner_reference(&array.elem),
        Type::Slice(slice) => inner_reference(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(inner_reference),
        Type::Paren(paren) => inner_reference(&paren.elem),
        Type::Group(group) => inner_reference(&group.elem),
        _ => None,
    }
}
