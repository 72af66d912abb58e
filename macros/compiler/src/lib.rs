//! The compiler behind `#[differentiable]`.

use proc_macro2::TokenStream;

pub mod derive;

/// Expands `#[differentiable(args)] item`.
pub fn differentiable(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Expands `#[derive(Differentiable)] item`.
pub fn derive_differentiable(item: TokenStream) -> TokenStream {
    derive::expand(item)
}
