//! What is emitted where a function cannot be differentiated: the function as written, all errors, and derivatives that have
//! signatures only, so that what calls them has no errors of its own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit;
use crate::error::Errors;
use crate::lower::signature::Signature;

/// The function with its errors.
pub fn expand(item: TokenStream, signature: Option<&Signature>, runtime: &TokenStream, errors: &Errors) -> TokenStream {
    let stubs = signature.map(|signature| emit::respan(emit::entries::emit(signature, None, runtime)));
    // where the function is left out, so are its errors
    let cfgs = signature.map(|signature| signature.cfgs.clone()).unwrap_or_default();
    let messages = errors.to_tokens_under(&cfgs);
    quote!(#item #stubs #messages)
}
