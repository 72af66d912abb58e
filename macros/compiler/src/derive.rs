//! `#[derive(Differentiable)]`.
use proc_macro2::TokenStream;

/// Expands the derive.
pub fn expand(_item: TokenStream) -> TokenStream {
    TokenStream::new()
}
