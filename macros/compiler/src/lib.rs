//! The compiler behind `#[differentiable]`: tokens of a function in, tokens of its derivatives out.
//!
//! An ordinary library, so that tests, fuzzers, benchmarks and tools call it as a function. The module
//! `expand` holds the pipeline, [`stages`] shows the representation between its stages.

mod analysis;
mod args;
mod derive;
mod diff;
mod emit;
mod error;
mod expand;
mod fallback;
mod grouping;
mod input;
mod ir;
mod lower;
mod relax;
pub mod rules;
mod signature;
mod simplify;
mod spans;
mod stages;

pub use stages::{Stages, stages};

use proc_macro2::TokenStream;

/// Expands `#[differentiable(args)] item`: the function, followed by its derivatives. Errors become `compile_error!`s.
pub fn differentiable(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(args, item)
}

/// Expands `#[derive(Differentiable)] item` to the item's implementation. Errors become `compile_error!`s.
pub fn derive_differentiable(item: TokenStream) -> TokenStream {
    derive::expand(item)
}
