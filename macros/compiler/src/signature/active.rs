//! Which parameters are active.
//!
//! *In:* the parameters, active by their types, and `wrt(..)`. *Out:* the same, active as the attribute says; an error at each name that no parameter has, or that names what cannot be
//! differentiated.

use proc_macro2::Ident;
use syn::{Type, TypeParamBound};

use crate::args::Args;
use crate::error::{Errors, nearest, unsupported, with_help};

use super::ParameterSignature;
use super::inert::{container_type, in_container, is_integer};

/// Sets which parameters are active, by `wrt(..)` or by their types.
pub(super) fn activate(parameters: &mut [ParameterSignature], args: &Args, sig: &syn::Signature, errors: &mut Errors) {
    let (unbound, iterators) = (unbound(&sig.generics), iterators(&sig.generics));
    let is_unbound = |p: &ParameterSignature| unbound.iter().any(|ty| **ty == p.inner.to_string());
    if let Some(wrt) = &args.wrt {
        parameters.iter_mut().for_each(|parameter| parameter.active = false);
        let mut seen: Vec<String> = Vec::new();
        for wanted in wrt {
            let text = wanted.to_string();
            if seen.contains(&text) {
                errors.span(wanted.span(), with_help(&format!("`{text}` is named twice in `wrt(..)`"), "leave one of them out"));
            }
            let same = |p: &&mut ParameterSignature| p.pattern.is_none() && (p.name == text || p.receiver && text == "self");
            match parameters.iter_mut().find(same) {
                Some(parameter) if parameter.syntax.as_ref().is_some_and(is_integer) => {
                    let what = format!("`{text}` cannot be differentiated: its type is no float and holds none");
                    errors.span(
                        wanted.span(),
                        with_help(
                            &what,
                            "name parameters of scalars, arrays of scalars, or structs that derive `Differentiable`",
                        ),
                    );
                }
                Some(parameter) if parameter.syntax.as_ref().and_then(no_parameter).is_some() => {
                    let (why, help) = parameter.syntax.as_ref().and_then(no_parameter).expect("it has one");
                    errors.span(wanted.span(), unsupported(&format!("`{text}`"), why, help));
                }
                Some(parameter) if iterators.iter().any(|ty| *ty == parameter.inner.to_string()) => {
                    let why = "what an iterator gives has no place, and so no adjoint";
                    errors.span(wanted.span(), unsupported(&format!("`{text}`"), why, "take a slice: `&[f64]`"));
                }
                Some(parameter) if is_unbound(parameter) => {
                    let ty = &parameter.inner;
                    let what = format!("`{text}` cannot be differentiated: nothing is known of its type `{ty}`");
                    let help = format!("write `{ty}: Real` for numbers, `{ty}: Differentiable` for parameter spaces");
                    errors.span(wanted.span(), with_help(&what, &help));
                }
                Some(parameter) => {
                    if let Some((name, help)) = parameter.syntax.as_ref().and_then(container_type) {
                        errors.span(wanted.span(), in_container(&name, help));
                    }
                    parameter.active = true;
                }
                None => {
                    let what = format!("there is no parameter named `{text}`");
                    errors.span(wanted.span(), with_help(&what, &meant(&text, parameters)));
                }
            }
            seen.push(text);
        }
    } else if !parameters.iter().any(|p| p.active || p.callable.as_ref().is_some_and(|callable| callable.carries))
        && errors.is_empty()
    {
        let what = "no parameter is active: none has a type of scalars alone";
        let candidate = parameters.iter().find(|p| p.pattern.is_none() && !p.syntax.as_ref().is_some_and(is_integer));
        let help = match candidate {
            Some(p) if is_unbound(p) => format!("bound the type where it is a number: `{}: Real`", p.inner),
            Some(p) if p.receiver => "name those to differentiate with respect to: `#[differentiable(wrt(self))]`".to_owned(),
            Some(p) => format!("name those to differentiate with respect to: `#[differentiable(wrt({}))]`", p.name),
            None => "give the function a parameter of floats".to_owned(),
        };
        errors.span(sig.ident.span(), with_help(what, &help));
    }
}

/// Why a type is none to differentiate with respect to, and what to write instead.
pub(super) fn no_parameter(ty: &Type) -> Option<(&'static str, &'static str)> {
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
pub(super) fn iterators(generics: &syn::Generics) -> Vec<String> {
    let is_iterator = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Iterator"))
        }
        _ => false,
    };
    let params = generics.type_params().filter(|param| param.bounds.iter().any(is_iterator));
    params.map(|param| param.ident.to_string()).collect()
}

/// The type parameters of which nothing is known.
pub(super) fn unbound(generics: &syn::Generics) -> Vec<&Ident> {
    let params = generics.type_params().filter(|param| param.bounds.is_empty() && generics.where_clause.is_none());
    params.map(|param| &param.ident).collect()
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

pub(super) fn shown(parameter: &ParameterSignature) -> String {
    if parameter.receiver { "`self`".to_owned() } else { format!("`{}`", parameter.name) }
}
