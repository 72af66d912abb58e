//! Errors: collected, so that all of a function's are reported at once, and worded in three parts: what cannot be
//! differentiated, why, and what to write instead.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The errors of one expansion.
#[derive(Debug, Default)]
pub struct Errors {
    list: Vec<(Span, Span, String)>,
}

impl Errors {
    /// Adds an error at the tokens.
    pub fn at(&mut self, tokens: &impl quote::ToTokens, message: impl Into<String>) {
        let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        let last = spans.last().unwrap_or(first);
        self.push(first, last, message.into());
    }

    /// Adds an error at the span.
    pub fn span(&mut self, span: Span, message: impl Into<String>) {
        self.push(span, span, message.into());
    }

    fn push(&mut self, first: Span, last: Span, message: String) {
        if !self.list.iter().any(|(_, _, known)| *known == message) || self.list.len() < 64 {
            self.list.push((first, last, message));
        }
    }

    /// Takes over what `syn` reports.
    pub fn syn(&mut self, error: &syn::Error) {
        for error in error.clone() {
            self.span(error.span(), error.to_string());
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Invocations of `compile_error!` for all of them.
    pub fn to_tokens(&self) -> TokenStream {
        self.list
            .iter()
            .map(|(first, last, message)| {
                let path = quote_spanned!(*first=> ::core::compile_error);
                quote_spanned!(*last=> #path! { #message })
            })
            .collect()
    }
}

/// `help:` with what to write instead.
pub fn with_help(what: &str, help: &str) -> String {
    format!("{what}\nhelp: {help}")
}

/// An active value enters something that has no derivative.
pub fn unsupported(what: &str, why: &str, help: &str) -> String {
    with_help(&format!("{what} cannot be differentiated: {why}"), help)
}

/// A construct of the language that is not differentiated yet.
pub fn not_yet(what: &str, help: &str) -> String {
    with_help(&format!("{what} is not supported where a derivative flows through it"), help)
}
