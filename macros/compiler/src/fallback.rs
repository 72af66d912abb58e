//! What is emitted where a function cannot be differentiated: the function as written, all errors, and derivatives that have
//! signatures only, so that what calls them has no errors of its own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit;
use crate::error::{Errors, Under};
use crate::signature::Signature;
use crate::spans::{self, Source};

/// The function with its errors.
pub fn expand(item: TokenStream, signature: Option<&Signature>, runtime: &TokenStream, errors: &Errors) -> TokenStream {
    let stubs = signature.map(|signature| spans::resolve(emit::entries::emit(signature, None, runtime), &Source::default()));
    // where the function is left out, so are its errors
    let cfgs = signature.map(|signature| signature.cfgs.clone()).unwrap_or_default();
    let member = signature.filter(|signature| signature.member).map(|signature| &signature.name);
    let messages = errors.to_tokens_under(&Under { attributes: &cfgs, member });
    quote!(#item #stubs #messages)
}
