//! Places as Rust writes them, for code that is put together while the source is read.
//!
//! *In:* a place, `p.rows[i]`. *Out:* tokens, in which a name stands for what it names, or for a reference to it.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};

use crate::spans::at_call_site;

use super::{Form, Function, Operand, Place, Step};

/// A place as the receiver of a method.
pub fn receiver(function: &Function, place: &Place) -> TokenStream {
    within(function, function.variable(place.root).name.to_token_stream(), &place.path)
}

/// `let name = &place;` with as many `&` as the name has.
pub fn reference(function: &Function, name: &Ident, place: &Place, depth: u8) -> TokenStream {
    let tokens = self::place(function, place);
    let ampersands = (0..depth).map(|_| quote!(&));
    quote!(let #name = #(#ampersands)* #tokens;)
}

fn place(function: &Function, place: &Place) -> TokenStream {
    let variable = function.variable(place.root);
    let root = at(&variable.name, place.span);
    match variable.form {
        Form::Reference if place.path.is_empty() => quote_spanned!(at_call_site(place.span)=> *#root),
        _ => within(function, root.to_token_stream(), &place.path),
    }
}

fn within(function: &Function, root: TokenStream, path: &[Step]) -> TokenStream {
    self::path(root, path, &|index| match index {
        Operand::Place(place) => self::place(function, place),
        Operand::Code(code) => code.tokens.clone(),
        Operand::Number(number) => {
            number.written.clone().unwrap_or_else(|| Literal::f64_unsuffixed(number.value).into_token_stream())
        }
    })
}

/// The way from a root to a part of it.
pub fn path(root: TokenStream, path: &[Step], index: &dyn Fn(&Operand) -> TokenStream) -> TokenStream {
    let mut tokens = root;
    for step in path {
        if !matches!(step, Step::Index(_)) {
            tokens.append(Punct::new('.', Spacing::Alone));
        }
        match step {
            Step::Field(name) => name.to_tokens(&mut tokens),
            Step::Element(index) => tokens.append(Literal::u32_unsuffixed(*index)),
            Step::Index(at) => tokens.append(Group::new(Delimiter::Bracket, index(at))),
        }
    }
    tokens
}

/// The same name where a place stands.
pub fn at(name: &Ident, span: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(at_call_site(span));
    name
}

/// An expression where an operator stands beside it.
pub fn operand(tokens: &TokenStream) -> TokenStream {
    if is_postfix(tokens) { tokens.clone() } else { quote!((#tokens)) }
}

/// Whether the tokens bind tighter than any operator: names, paths, calls, fields and indices.
pub fn is_postfix(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_dot = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '.');
    let is_range = tokens.windows(2).any(|pair| pair.iter().all(is_dot));
    !is_range
        && tokens.iter().enumerate().all(|(position, token)| match token {
            TokenTree::Ident(ident) => ident != "as" && !(position == 0 && (ident == "if" || ident == "match")),
            TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | ':'),
            TokenTree::Literal(_) => true,
            TokenTree::Group(group) => position > 0 || group.delimiter() == Delimiter::Parenthesis,
        })
}
