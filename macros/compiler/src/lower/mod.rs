//! Syntax to intermediate representation; the fence: what is not understood becomes an error on its own span.
//!
//! *In:* a function as `syn` reads it, and its [`Signature`]. *Out:* an [`ir::Function`](crate::ir::Function), or errors.
//!
//! ```text
//! function ─▶ rewrite ─▶ body in fewer forms ─▶ translate ─▶ representation
//!                ▲                                  ▲
//!                └────────────── facts ─────────────┘
//! ```
//!
//! [`rewrite`] changes syntax and gives syntax, [`facts`] answers questions about it, and [`translate`] alone writes the representation.

pub mod facts;
pub mod rewrite;
pub mod translate;

use proc_macro2::TokenStream;
use syn::ItemFn;

use crate::args::Partial;
use crate::error::Errors;
use crate::ir::Function;
use crate::ir::names::Taken;
use crate::signature::Signature;
use translate::given;

/// Translates a function.
pub fn lower(item: &ItemFn, signature: &Signature, taken: Taken, runtime: &TokenStream, errors: &mut Errors) -> Function {
    let body = rewrite::body(item, signature, taken, runtime, errors);
    translate::function(body, signature, runtime, errors)
}

/// A function whose partial derivatives are given, as one operation.
pub fn lower_given(signature: &Signature, partials: &[Partial], taken: Taken, errors: &mut Errors) -> Function {
    translate::operation(signature, partials, taken, errors)
}

/// The same for second derivatives, with expressions that are differentiated.
pub fn lower_given_twice(
    signature: &Signature,
    partials: &[Partial],
    mut taken: Taken,
    runtime: &TokenStream,
    errors: &mut Errors,
) -> Function {
    let (partial_names, block) = given::statements(signature, partials, &mut taken);
    let body = rewrite::of_partials(block, signature, taken, runtime);
    translate::partials(body, signature, partials, &partial_names, errors)
}
