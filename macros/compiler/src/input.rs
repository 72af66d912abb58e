//! The annotated item: a function whose signature is understood, and whose body may be broken while it is being written.
//!
//! *In:* the tokens of the item. *Out:* the function; or what is wrong with its body, beside its signature with an empty body, so that
//! its derivatives exist as long as the body does not parse.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::ItemFn;

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
        Ok(function) => Input::Function(Box::new(function)),
        Err(error) => match syn::parse2(with_empty_body(item)) {
            Ok(function) => Input::Broken(Box::new(function), error),
            Err(_) => Input::Other(error),
        },
    }
}

/// The tokens up to the first braces, which are emptied.
fn with_empty_body(item: TokenStream) -> TokenStream {
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let head: TokenStream = item.into_iter().take_while(|token| !is_body(token)).collect();
    quote!(#head {})
}
