//! Entry points of the macros of `differentiable`; the work is done by `differentiable-compiler`.

use proc_macro::TokenStream;

#[allow(missing_docs)]
#[proc_macro_attribute]
pub fn differentiable(args: TokenStream, item: TokenStream) -> TokenStream {
    differentiable_compiler::differentiable(args.into(), item.into()).into()
}

#[allow(missing_docs)]
#[proc_macro_derive(Differentiable, attributes(differentiable))]
pub fn derive_differentiable(item: TokenStream) -> TokenStream {
    differentiable_compiler::derive_differentiable(item.into()).into()
}
