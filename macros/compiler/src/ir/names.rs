//! The names that a function has taken, and new ones beside them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ItemFn;

/// Names that are taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    names: HashSet<String>,
    /// The last number behind each name, as thousands of temporaries may have one.
    numbers: HashMap<String, usize>,
}

impl Taken {
    /// Takes a name: the wish, or the wish with the next number that makes it new. A name with a raw identifier in it is no keyword: `r#type_bar` is `type_bar`.
    pub fn fresh(&mut self, wish: &str) -> String {
        let wish = &*match wish.strip_prefix("r#") {
            Some(keyword) if !keyword.contains('_') => Cow::Owned(format!("{keyword}_")),
            _ if wish.contains("r#") => Cow::Owned(wish.replace("r#", "")),
            _ => Cow::Borrowed(wish),
        };
        let mut name = wish.to_owned();
        if self.names.insert(name.clone()) {
            return name;
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        while !self.names.insert(name.clone()) {
            *number += 1;
            name = format!("{wish}_{number}");
        }
        name
    }

    /// Gives a name back.
    pub fn forget(&mut self, name: &str) {
        self.names.remove(name);
    }
}

impl Extend<String> for Taken {
    fn extend<I: IntoIterator<Item = String>>(&mut self, names: I) {
        self.names.extend(names);
    }
}

impl FromIterator<String> for Taken {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self { names: names.into_iter().collect(), numbers: HashMap::new() }
    }
}

/// Every identifier of the function.
pub fn of_function(function: &ItemFn) -> Taken {
    let mut taken = Taken::default();
    identifiers(function.to_token_stream(), &mut taken);
    taken
}

/// Every identifier in the tokens.
pub fn identifiers(tokens: TokenStream, into: &mut impl Extend<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => into.extend([ident.to_string()]),
            TokenTree::Group(group) => identifiers(group.stream(), into),
            TokenTree::Literal(literal) => into.extend(captured(&literal.to_string())),
            TokenTree::Punct(_) => {}
        }
    }
}

/// Whether a variable may be among the tokens. What stands behind a dot, or in front of a colon, is a member of that name.
pub fn mentions(tokens: &impl ToTokens, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.to_token_stream().into_iter().collect();
    let is = |index: Option<usize>, sign: char| {
        let token = index.and_then(|index| tokens.get(index));
        matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
    };
    let is_alone = |index: Option<usize>, next: Option<usize>, sign: char| is(index, sign) && !is(next, sign);
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Ident(ident) => {
            let is_member =
                is_alone(index.checked_sub(1), index.checked_sub(2), '.') || is_alone(Some(index + 1), Some(index + 2), ':');
            !is_member && ident == name
        }
        TokenTree::Group(group) => mentions(&group.stream(), name),
        TokenTree::Literal(literal) => captured(&literal.to_string()).iter().any(|captured| captured == name),
        TokenTree::Punct(_) => false,
    })
}

/// The names that a format string captures: `"{x} {y:.3}"` gives `x` and `y`.
pub fn captured(literal: &str) -> Vec<String> {
    if !literal.contains('"') {
        return Vec::new();
    }
    let mut names = Vec::new();
    for part in literal.replace("{{", "").split('{').skip(1) {
        let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            names.push(name);
        }
        // a width or precision may be a variable too: `{:width$.precision$}`
        let inside = part.split('}').next().unwrap_or_default();
        for piece in inside.split('$') {
            let name: String =
                piece.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>().chars().rev().collect();
            if inside.contains('$') && name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::Taken;

    #[test]
    fn a_member_is_no_variable_of_its_name() {
        let mentions = |text: &str| super::mentions(&text.parse::<proc_macro2::TokenStream>().expect("tokens"), "x");
        for text in ["f(x)", "0..x", "x.y", "x[0]", "x::<T>()", "S { x }", "format!(\"{x}\")", "a ..= x"] {
            assert!(mentions(text), "{text}");
        }
        for text in ["y.x", "y.x()", "S { x: 1.0 }", "f(y).x[0]"] {
            assert!(!mentions(text), "{text}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_the_next_number() {
        let mut taken: Taken = ["x", "x_2", "x_4"].map(str::to_owned).into_iter().collect();
        assert_eq!(["x", "x", "y", "y", "x_2"].map(|wish| taken.fresh(wish)), ["x_3", "x_5", "y", "y_2", "x_2_2"]);
    }

    #[test]
    fn a_name_with_a_raw_identifier_in_it_is_no_keyword() {
        let mut taken = Taken::default();
        assert_eq!(["r#type", "d_r#type", "r#type_bar"].map(|wish| taken.fresh(wish)), ["type_", "d_type", "type_bar"]);
    }
}
