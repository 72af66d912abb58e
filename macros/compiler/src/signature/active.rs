//! Which parameters are active.
//!
//! *In:* the parameters, active by their types, and `wrt(..)`. *Out:* the same, active as the attribute says; an error at each name that no parameter has, or that names what cannot be
//! differentiated.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Type, TypeParamBound};

use crate::args::Args;
use crate::error::{Errors, nearest, unsupported, with_help};

use super::ParameterSignature;
use super::inert::{container_type, in_container, integer_in_tuple, is_integer};

/// Sets which parameters are active, by `wrt(..)` or by their types.
pub(super) fn activate(parameters: &mut [ParameterSignature], args: &Args, sig: &syn::Signature, errors: &mut Errors) {
    let is_any = |p: &ParameterSignature| p.active || p.callable.as_ref().is_some_and(|callable| callable.carries);
    match &args.wrt {
        Some(wrt) => activate_named(parameters, wrt, &sig.generics, errors),
        None if !parameters.iter().any(is_any) && errors.is_empty() => {
            let what = "no parameter is active: none has a type of scalars alone";
            errors.span(sig.ident.span(), with_help(what, &activation(parameters, &sig.generics)));
        }
        None => {}
    }
}

/// Activates those that `wrt(..)` names, and no others.
fn activate_named(parameters: &mut [ParameterSignature], wrt: &[Ident], generics: &syn::Generics, errors: &mut Errors) {
    parameters.iter_mut().for_each(|parameter| parameter.active = false);
    let mut seen: Vec<String> = Vec::new();
    for wanted in wrt {
        let text = wanted.to_string();
        if seen.contains(&text) {
            errors.span(wanted.span(), with_help(&format!("`{text}` is named twice in `wrt(..)`"), "leave one of them out"));
        }
        let same = |p: &&mut ParameterSignature| match &p.pattern {
            None => p.name == text || p.receiver && text == "self",
            Some(syn::Pat::Ident(name)) => name.ident == text && name.subpat.is_none(),
            Some(_) => false,
        };
        match parameters.iter_mut().find(same) {
            Some(parameter) => match refusal(parameter, &text, generics) {
                Some(refusal) => errors.span(wanted.span(), refusal),
                None => {
                    if let Some((name, help)) = parameter.syntax.as_ref().and_then(container_type) {
                        errors.span(wanted.span(), in_container(&name, help));
                    }
                    parameter.active = true;
                }
            },
            None => {
                let what = format!("there is no parameter named `{text}`");
                errors.span(wanted.span(), with_help(&what, &meant(&text, parameters)));
            }
        }
        seen.push(text);
    }
}

/// Why a parameter cannot be differentiated, by its type.
fn refusal(parameter: &ParameterSignature, name: &str, generics: &syn::Generics) -> Option<String> {
    let syntax = parameter.syntax.as_ref();
    if syntax.is_some_and(is_integer) {
        let what = format!("`{name}` cannot be differentiated: its type is no float and holds none");
        return Some(with_help(&what, "name parameters of scalars, arrays of scalars, or structs that derive `Differentiable`"));
    }
    if let Some(part) = syntax.and_then(integer_in_tuple) {
        let what = format!("`{name}` cannot be differentiated: it has a `{}` beside its floats", part.to_token_stream());
        let help = "pass it as a parameter of its own, or write a struct that derives `Differentiable`, with `#[differentiable(skip)]` at that field";
        return Some(with_help(&what, help));
    }
    if let Some((why, help)) = syntax.and_then(no_parameter) {
        return Some(unsupported(&format!("`{name}`"), why, help));
    }
    let ty = &parameter.inner;
    if iterators(generics).contains(&ty.to_string()) {
        let why = "what an iterator gives has no place, and so no adjoint";
        return Some(unsupported(&format!("`{name}`"), why, "take a slice: `&[f64]`"));
    }
    is_unbound(parameter, generics).then(|| {
        let what = format!("`{name}` cannot be differentiated: nothing is known of its type `{ty}`");
        with_help(&what, &format!("write `{ty}: Real` for numbers, `{ty}: Differentiable` for parameter spaces"))
    })
}

/// What to do where no parameter is active.
fn activation(parameters: &[ParameterSignature], generics: &syn::Generics) -> String {
    match parameters.iter().find(|p| p.pattern.is_none() && !p.syntax.as_ref().is_some_and(is_integer)) {
        Some(p) if is_unbound(p, generics) => format!("bound the type where it is a number: `{}: Real`", p.inner),
        Some(p) if p.receiver => "name those to differentiate with respect to: `#[differentiable(wrt(self))]`".to_owned(),
        Some(p) => format!("name those to differentiate with respect to: `#[differentiable(wrt({}))]`", p.name),
        None => "give the function a parameter of floats".to_owned(),
    }
}

/// Why a type is none to differentiate with respect to, and what to write instead.
fn no_parameter(ty: &Type) -> Option<(&'static str, &'static str)> {
    match ty {
        Type::Ptr(_) => Some(("what is behind a raw pointer is not known", "take a reference")),
        Type::Path(path) => {
            let name = path.path.segments.last()?.ident.to_string();
            matches!(name.as_str(), "Option" | "Result")
                .then_some(("whether there is a number is no number", "take the number, and whether there is one as a `bool`"))
        }
        Type::Reference(reference) => no_parameter(&reference.elem),
        _ => None,
    }
}

/// The type parameters that are iterators.
fn iterators(generics: &syn::Generics) -> Vec<String> {
    let is_iterator = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Iterator"))
        }
        _ => false,
    };
    let params = generics.type_params().filter(|param| param.bounds.iter().any(is_iterator));
    params.map(|param| param.ident.to_string()).collect()
}

/// Whether a parameter is of a type parameter of which nothing is known.
fn is_unbound(parameter: &ParameterSignature, generics: &syn::Generics) -> bool {
    let ty = parameter.inner.to_string();
    generics.where_clause.is_none() && generics.type_params().any(|param| param.bounds.is_empty() && param.ident == ty)
}

/// What may have been meant by a name that no parameter has.
pub fn meant(name: &str, parameters: &[ParameterSignature]) -> String {
    let named: Vec<&ParameterSignature> = parameters.iter().filter(|p| p.pattern.is_none()).collect();
    let names: Vec<String> = named.iter().map(|p| if p.receiver { "self".to_owned() } else { p.name.to_string() }).collect();
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    match names.is_empty() {
        true => {
            "parameters that are patterns are active by their types: leave `wrt` out, or give the parameter a name".to_owned()
        }
        false => format!("the parameters are {}", named.iter().map(|p| shown(p)).collect::<Vec<_>>().join(", ")),
    }
}

fn shown(parameter: &ParameterSignature) -> String {
    if parameter.receiver { "`self`".to_owned() } else { format!("`{}`", parameter.name) }
}
