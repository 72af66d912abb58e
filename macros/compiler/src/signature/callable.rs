//! Parameters that are functions.
//!
//! *In:* the bounds `F: Fn(f64, &[f64]) -> f64` of type parameters. *Out:* [`Callable`] for each parameter of such a type: what it takes, which of that is active, and the names of
//! its derivatives, which follow it in those of the function.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{ItemFn, ReturnType, Type, TypeParamBound, WherePredicate};

use crate::error::{Errors, with_help};
use crate::ir::names::Taken;

use super::ParameterSignature;
use super::result::no_space;
use super::scalars::scalars_alone;

/// A parameter that is called: what it takes and gives.
#[derive(Clone, Debug)]
pub struct Callable {
    /// The parameter that follows it in derivatives: its `vjp`.
    pub companion: Ident,
    /// Its forward mode, in hidden entries.
    pub tangent: Ident,
    /// The forward mode of its reverse mode, in hidden entries.
    pub second: Ident,
    /// What it takes.
    pub inputs: Vec<CallableInput>,
    /// The type of its result.
    pub output: TokenStream,
    /// Whether that is a scalar.
    pub gives_scalar: bool,
    /// Whether its result may carry a derivative.
    pub carries: bool,
}

/// What a function that is a parameter is called with.
#[derive(Clone, Debug)]
pub struct CallableInput {
    /// The type.
    pub ty: TokenStream,
    /// The type without its reference.
    pub inner: TokenStream,
    /// Whether it goes by shared reference.
    pub is_reference: bool,
    /// Whether it is a slice.
    pub is_slice: bool,
    /// Whether it is differentiated: by its type it is scalars alone, or it is of the type of an active parameter.
    pub active: bool,
}

/// What is said where a function that is a parameter would change an active argument.
pub const CHANGED_BY_A_FUNCTION: &str = "a function that is a parameter and changes an active argument is not supported";

/// Finds the parameters whose types are functions.
pub(super) fn find(
    item: &ItemFn,
    parameters: &mut [ParameterSignature],
    is_scalar: &dyn Fn(&Type) -> bool,
    taken: &mut Taken,
    errors: &mut Errors,
) {
    for parameter in parameters.iter_mut() {
        let Some(bound) = fn_bound_of(&item.sig.generics, &parameter.inner.to_string()) else { continue };
        for input in &bound.inputs {
            if let Type::Reference(reference) = &input.ty
                && reference.mutability.is_some()
                && scalars_alone(&reference.elem, is_scalar)
            {
                errors.at(reference, with_help(CHANGED_BY_A_FUNCTION, "let the function return what it changes"));
            }
        }
        let inputs = bound.inputs.iter().map(|input| {
            let (inner, is_reference) = match &input.ty {
                Type::Reference(reference) => (&*reference.elem, true),
                other => (other, false),
            };
            CallableInput {
                ty: input.ty.to_token_stream(),
                inner: inner.to_token_stream(),
                is_reference,
                is_slice: matches!(inner, Type::Slice(_)),
                active: scalars_alone(inner, is_scalar),
            }
        });
        let (output, gives_scalar, carries) = match &bound.output {
            ReturnType::Type(_, ty) => (ty.to_token_stream(), is_scalar(ty), no_space(ty).is_none()),
            ReturnType::Default => (quote!(()), false, false),
        };
        let mut name = |suffix: &str| Ident::new(&taken.fresh(&format!("{}_{suffix}", parameter.name)), parameter.span);
        let (companion, tangent, second) = (name("vjp"), name("jvp"), name("vjp_jvp"));
        let inputs = inputs.collect();
        parameter.callable = Some(Callable { companion, tangent, second, inputs, output, gives_scalar, carries });
    }
}

/// What functions are called with is differentiated where it is of the type of a parameter that is, as a struct.
pub(super) fn activate_inputs(parameters: &mut [ParameterSignature]) {
    let active = parameters.iter().filter(|parameter| parameter.active);
    let spaces: BTreeSet<String> =
        active.filter_map(|parameter| Some(parameter.syntax.as_ref()?.to_token_stream().to_string())).collect();
    for callable in parameters.iter_mut().filter_map(|parameter| parameter.callable.as_mut()) {
        for input in &mut callable.inputs {
            input.active |= spaces.contains(&input.inner.to_string());
        }
    }
}

/// The `Fn` bound of a type parameter, in angle brackets or in `where`.
pub(super) fn fn_bound_of<'a>(generics: &'a syn::Generics, name: &str) -> Option<&'a syn::ParenthesizedGenericArguments> {
    let param = generics.type_params().find(|param| param.ident == name)?;
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let in_where = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) if matches!(&predicate.bounded_ty, Type::Path(path) if path.path.is_ident(name)) => {
            Some(&predicate.bounds)
        }
        _ => None,
    });
    fn_bound(&param.bounds).or_else(|| in_where.filter_map(fn_bound).next())
}

/// `Fn(A, B) -> C` among the bounds.
pub(super) fn fn_bound(bounds: &Punctuated<TypeParamBound, syn::Token![+]>) -> Option<&syn::ParenthesizedGenericArguments> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match bound.path.segments.last() {
            Some(segment) if segment.ident == "Fn" => match &segment.arguments {
                syn::PathArguments::Parenthesized(arguments) => Some(arguments),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
