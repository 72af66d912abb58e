//! The annotated item: a function whose signature is understood, and whose body may be broken while it is being written.
//!
//! *In:* the tokens of the item. *Out:* the function; or what is wrong with its body, beside its signature with an empty body, so that
//! its derivatives exist as long as the body does not parse.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{ItemFn, PredicateType, Type, TypeImplTrait, TypeParam};

use crate::error::{unsupported, with_help};
use crate::grouping;

/// What was annotated.
pub enum Input {
    /// A function.
    Function(Box<ItemFn>),
    /// A function whose body does not parse, with an empty body.
    Broken(Box<ItemFn>, syn::Error),
    /// Something else.
    Other(syn::Error),
}

/// Reads the item.
pub fn read(item: TokenStream) -> Input {
    match syn::parse2::<ItemFn>(item.clone()) {
        Ok(mut function) => {
            Plain.visit_signature_mut(&mut function.sig);
            grouping::write(&mut function);
            Input::Function(Box::new(function))
        }
        Err(error) => match syn::parse2::<ItemFn>(with_empty_body(item.clone())) {
            Ok(mut function) => {
                Plain.visit_signature_mut(&mut function.sig);
                Input::Broken(Box::new(function), error)
            }
            Err(_) => Input::Other(other(&item, error)),
        },
    }
}

/// What is wrong where the attribute stands on something else than a function with a body.
fn other(item: &TokenStream, error: syn::Error) -> syn::Error {
    let keywords = ["struct", "enum", "union", "impl", "trait", "mod", "const", "static", "type", "use", "fn"];
    let is_keyword =
        |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if keywords.iter().any(|keyword| ident == keyword));
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let is_function = |token: &&TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "fn");
    let found = tokens.iter().find(is_function).or_else(|| tokens.iter().find(|token| is_keyword(token)));
    let Some(TokenTree::Ident(keyword)) = found else { return error };
    let help = match keyword.to_string().as_str() {
        "struct" => "a struct is made a parameter space by `#[derive(Differentiable)]`",
        "impl" => "write it on the functions inside",
        "trait" | "mod" => "write it on a function with a body inside",
        "fn" if matches!(tokens.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ';') => {
            let what = unsupported(
                "a function without a body",
                "there is nothing in it to differentiate",
                "write the attribute on a function with a body",
            );
            return syn::Error::new(keyword.span(), what);
        }
        "fn" => return error,
        _ => "write it on a function with a body",
    };
    syn::Error::new(keyword.span(), with_help("`#[differentiable]` stands on functions", help))
}

/// The tokens up to the first braces, which are emptied.
fn with_empty_body(item: TokenStream) -> TokenStream {
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let head: TokenStream = item.into_iter().take_while(|token| !is_body(token)).collect();
    quote!(#head {})
}

/// Takes types out of the invisible groups in which `macro_rules!` passes them, so that `&[f64; 4]` is a reference, and the last `+` from bounds, so that others
/// can be added.
struct Plain;

impl VisitMut for Plain {
    fn visit_type_impl_trait_mut(&mut self, ty: &mut TypeImplTrait) {
        ty.bounds.pop_punct();
        visit_mut::visit_type_impl_trait_mut(self, ty);
    }

    fn visit_type_param_mut(&mut self, param: &mut TypeParam) {
        param.bounds.pop_punct();
        visit_mut::visit_type_param_mut(self, param);
    }

    fn visit_predicate_type_mut(&mut self, predicate: &mut PredicateType) {
        predicate.bounds.pop_punct();
        visit_mut::visit_predicate_type_mut(self, predicate);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        while let Type::Group(group) = ty
            && !matches!(*group.elem, Type::TraitObject(_) | Type::ImplTrait(_))
        {
            *ty = (*group.elem).clone();
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
