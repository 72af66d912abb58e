//! What is emitted where a function cannot be differentiated: the function as written, all errors, and derivatives that have
//! signatures only, so that what calls them has no errors of its own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit;
use crate::error::Errors;
use crate::lower::signature::Signature;

/// The function with its errors.
pub fn expand(item: TokenStream, signature: Option<&Signature>, runtime: &TokenStream, errors: &Errors) -> TokenStream {
    let messages = errors.to_tokens();
    let stubs = signature.map(|signature| emit::respan(emit::entries::emit(signature, None, runtime)));
    let member = signature.is_some_and(|signature| signature.member);
    // a macro cannot stand among the functions of an `impl` beside them: the messages go into a function of their own
    let messages = if member { quote!(#[allow(dead_code)] const _: () = { #messages };) } else { messages };
    quote!(#item #stubs #messages)
}
