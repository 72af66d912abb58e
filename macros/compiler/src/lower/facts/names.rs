//! The variables of a function, once each has a name of its own.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::Type;

use crate::ir::names::{Taken, captured};

/// A variable of the source.
#[derive(Clone, Debug, Default)]
pub struct Binding {
    /// Declared `mut`.
    pub mutable: bool,
    /// The type that is written with it.
    pub ty: Option<Type>,
    /// It is what the function is a method of.
    pub receiver: bool,
}

/// The variables of a function by their unique names.
#[derive(Debug, Default)]
pub struct Names {
    /// Lists that copied code uses up.
    pub moved: BTreeSet<String>,
    /// The variables.
    pub bindings: BTreeMap<String, Binding>,
    /// The type parameters of the function.
    pub type_parameters: BTreeSet<String>,
    /// Whether types of one letter may be type parameters of an `impl` around.
    pub letters_are_parameters: bool,
    /// Whether the function gives a struct.
    pub gives_struct: bool,
    /// Every identifier of the function, so that new ones avoid them.
    pub taken: Taken,
}

impl Names {
    /// A new variable, of the wished name or one like it.
    pub fn declare(&mut self, wish: &str, binding: Binding) -> Ident {
        let name = self.taken.fresh(wish);
        let ident = Ident::new(&name, Span::mixed_site());
        self.bindings.insert(name, binding);
        ident
    }
}

/// The identifiers in the tokens that may be variables: no fields, methods or parts of paths.
pub fn variables(tokens: TokenStream, into: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |index: Option<usize>, c: char| matches!(index.and_then(|index| trees.get(index)), Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    for (index, tree) in trees.iter().enumerate() {
        let (before, two_before) = (index.checked_sub(1), index.checked_sub(2));
        let is_member = is(before, '.') && !is(two_before, '.');
        let is_segment = is(before, ':') && is(two_before, ':') || is(Some(index + 1), ':');
        match tree {
            TokenTree::Ident(ident) if !is_member && !is_segment => drop(into.insert(ident.to_string())),
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            TokenTree::Group(group) => variables(group.stream(), into),
            TokenTree::Literal(literal) => into.extend(captured(&literal.to_string())),
        }
    }
}
