//! Functions and macros of the standard library that are known by their names: that a name means them is checked by types, and by an import
//! beside which a macro of that name is ambiguous.
//!
//! *In:* a body with `mem::swap(&mut a, &mut b)` and `vec![x; 2]`. *Out:* `rt::is_standard(::core::mem::swap::<()>, mem::swap)` and
//! `use rt::vec; vec![0.0]`, in closures that never run.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Block, Expr, PathArguments};

use crate::ir::{Code, Statement};

use super::{Lowerer, first_span, vectors};

/// The module, the name, and the function, of no type in particular.
fn standard(module: Option<&str>, name: &str) -> Option<TokenStream> {
    Some(match (module, name) {
        (Some("mem"), "swap") => quote!(::core::mem::swap::<()>),
        (Some("mem"), "replace") => quote!(::core::mem::replace::<()>),
        (Some("mem"), "take") => quote!(::core::mem::take::<()>),
        (Some("iter"), "zip") => quote!(::core::iter::zip::<[(); 0], [(); 0]>),
        (Some("array") | None, "from_fn") => quote!(::core::array::from_fn::<(), 0, fn(usize)>),
        _ => return None,
    })
}

/// A name that is known.
pub(super) enum Name {
    /// A function, by its path, and the standard library's.
    Function(TokenStream, TokenStream),
    /// A macro.
    Macro(Ident),
}

/// Those of a body, each once.
pub(super) fn known(block: &Block) -> Vec<Name> {
    let mut known = Known::default();
    known.visit_block(block);
    known.0.into_values().collect()
}

#[derive(Default)]
struct Known(BTreeMap<String, Name>);

impl<'ast> Visit<'ast> for Known {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if let Some(name) = mac.path.get_ident().filter(|name| *name == "dbg") {
            self.0.entry("dbg!".to_owned()).or_insert_with(|| Name::Macro(name.clone()));
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        visit::visit_expr_call(self, call);
        let Expr::Path(path) = &*call.func else { return };
        if vectors::elements(&Expr::Call(call.clone())).is_some() && path.path.segments.len() == 1 {
            let name = Ident::new("vec", path.path.segments[0].ident.span());
            self.0.entry("vec!".to_owned()).or_insert(Name::Macro(name));
            return;
        }
        let mut path = path.path.clone();
        path.segments.iter_mut().for_each(|segment| segment.arguments = PathArguments::None);
        let mut names = path.segments.iter().rev().map(|segment| segment.ident.to_string());
        let (name, module) = (names.next().unwrap_or_default(), names.next());
        if let Some(standard) = standard(module.as_deref(), &name) {
            self.0.entry(path.to_token_stream().to_string()).or_insert(Name::Function(path.to_token_stream(), standard));
        }
    }
}

impl Lowerer<'_> {
    /// Checks what the names mean, but for those of the function's own.
    pub(super) fn check_known(&mut self, known: Vec<Name>) {
        let runtime = self.runtime.clone();
        for name in known {
            let (tokens, span) = match name {
                Name::Function(path, _) if self.is_own(&path.to_string()) => continue,
                Name::Function(path, standard) => {
                    let span = first_span(&path);
                    (quote_spanned!(span=> #runtime::is_standard(#standard, #path)), span)
                }
                Name::Macro(name) if name == "dbg" => (quote!({ use ::std::dbg; #name!(0.0) }), name.span()),
                Name::Macro(name) => (quote!({ use #runtime::vec; #name![0.0] }), name.span()),
            };
            self.push(Statement::NoExit(Code { tokens, reads: Vec::new(), repeatable: false, span }));
        }
    }

    fn is_own(&self, name: &str) -> bool {
        self.own_functions.contains(name) || self.names.bindings.contains_key(name)
    }
}
