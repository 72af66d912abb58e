//! That names are those of the standard library, and methods those of its types, is checked by types, by imports beside which a macro of that name is
//! ambiguous, and by stand-ins beside which a method of that name is.
//!
//! *In:* the [`Name`]s of a body. *Out:* `rt::is_standard(::core::mem::swap::<()>, mem::swap)`, `use rt::standard::*; vec![0.0]`,
//! `rt::is_standard(::core::option::Option::Some::<()>, Some)` and `rt::known_methods!(shared first)`, in closures that never run.

use proc_macro2::{Ident, Span};
use quote::{quote, quote_spanned};
use syn::{ExprMethodCall, Path};

use crate::ir::{Code, Statement};
use crate::lower::facts::known::{Name, kinds_of, kinds_of_receiver, sample};
use crate::lower::facts::syntax::first_span;

use super::Lowerer;

impl Lowerer<'_> {
    /// Checks what the names mean, but for those of the function's own.
    pub(super) fn check_known(&mut self, known: Vec<Name>) {
        let runtime = self.runtime.clone();
        for name in known {
            let (tokens, span) = match name {
                Name::Function(path, _) if self.is_own(&path.to_string()) => continue,
                Name::Function(path, standard) => {
                    let span = first_span(&path);
                    let segments: Vec<_> = syn::parse2::<Path>(path.clone()).map_or_else(|_| Vec::new(), idents);
                    let standard = standard.path(&runtime, segments.iter().rev().nth(1));
                    (quote_spanned!(span=> #runtime::is_standard(#standard, #path)), span)
                }
                Name::Macro(path) => {
                    let Some(name) = path.segments.last().map(|segment| segment.ident.clone()) else { continue };
                    let prefix: Vec<_> =
                        path.segments.iter().take(path.segments.len() - 1).map(|segment| &segment.ident).collect();
                    let others = (!prefix.is_empty()).then(|| {
                        let colon = path.leading_colon;
                        quote!(use #colon #(#prefix::)* *;)
                    });
                    let sample = sample(&name);
                    (quote!({ #others use #runtime::standard::*; let _ = #sample; }), name.span())
                }
                Name::Method(name, kinds) => {
                    self.rely_on(&name, &kinds);
                    continue;
                }
                Name::Vector(path) => {
                    let span = first_span(&path);
                    (quote_spanned!(span=> #runtime::is_vector::<#path<()>>()), span)
                }
                Name::Boxed(path) => {
                    let span = first_span(&path);
                    (quote_spanned!(span=> #runtime::is_box::<#path<()>>()), span)
                }
                Name::Nothing(name) => (quote_spanned!(name.span()=> #runtime::is_nothing(#name)), name.span()),
            };
            self.push(Statement::NoExit(Code { tokens, reads: Vec::new(), repeatable: false, span }));
        }
    }

    /// A method that has to be the standard library's.
    pub(super) fn rely_on_method(&mut self, name: &Ident) {
        let kinds = kinds_of(name);
        self.rely_on(name, &kinds);
    }

    /// A call of an iterator's method, whose receiver may carry no derivative, that has to be the standard library's.
    pub(super) fn rely_on_call(&mut self, call: &ExprMethodCall) {
        self.rely_on(&call.method, &kinds_of_receiver(call));
    }

    /// The same of a method of `Option`s.
    pub(super) fn rely_on_option(&mut self, call: &ExprMethodCall) {
        let mut kinds = kinds_of_receiver(call);
        kinds.retain(|kind| kind.starts_with("option"));
        self.rely_on(&call.method, &kinds);
    }

    fn rely_on(&mut self, name: &Ident, kinds: &[&'static str]) {
        if kinds.is_empty() {
            return;
        }
        let known = self.methods.entry(name.to_string()).or_insert_with(|| (name.clone(), Vec::new()));
        let further: Vec<_> = kinds.iter().filter(|kind| !known.1.contains(kind)).copied().collect();
        known.1.extend(further);
    }

    /// The check of the methods, for the front of the body.
    pub(super) fn known_methods(&self) -> Option<Statement> {
        let runtime = &self.runtime;
        let (_, (first, _)) = self.methods.first_key_value()?;
        let methods = self.methods.values().flat_map(|(name, kinds)| {
            kinds.iter().map(move |kind| {
                let kind = Ident::new(kind, Span::call_site());
                quote!(#kind #name)
            })
        });
        let tokens = quote!(#runtime::known_methods!(#(#methods)*));
        let span = first.span();
        Some(Statement::NoExit(Code { tokens, reads: Vec::new(), repeatable: false, span }))
    }

    fn is_own(&self, name: &str) -> bool {
        self.own_functions.contains(name) || self.names.bindings.contains_key(name)
    }
}

fn idents(path: Path) -> Vec<Ident> {
    path.segments.into_iter().map(|segment| segment.ident).collect()
}
