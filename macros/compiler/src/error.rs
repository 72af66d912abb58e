//! Errors: collected, so that all of a function's are reported at once, and worded in three parts: what cannot be
//! differentiated, why, and what to write instead.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The errors of one expansion.
#[derive(Debug, Default)]
pub struct Errors {
    list: Vec<(Span, Span, String)>,
    left_to_rustc: bool,
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

    /// There is a mistake that rustc reports in the function itself, in every case: to say it again would make two of one.
    pub fn leave_to_rustc(&mut self) {
        self.left_to_rustc = true;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && !self.left_to_rustc
    }

    /// Invocations of `compile_error!` for all of them.
    pub fn to_tokens(&self) -> TokenStream {
        self.to_tokens_under(&TokenStream::new())
    }

    /// The same under attributes.
    pub fn to_tokens_under(&self, attributes: &TokenStream) -> TokenStream {
        self.list
            .iter()
            .map(|(first, last, message)| {
                let path = quote_spanned!(*first=> ::core::compile_error);
                quote_spanned!(*last=> #attributes #path! { #message })
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

/// The known name that was probably meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let is_part = |known: &str| length > 2 && (known.starts_with(name) || known.len() > 2 && name.starts_with(known));
    let near = known.into_iter().map(|known| (distance(name, known), known));
    let near = near.filter(|(distance, known)| *distance <= length / 3 || is_part(known));
    near.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters must be inserted, removed, replaced or exchanged with their neighbour to make one name of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
