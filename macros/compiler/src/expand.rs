//! The whole pipeline.
//!
//! ```text
//! (args, item) ─▶ input ─▶ lower ─▶ ir ─▶ diff ─▶ emit ─▶ tokens
//!                   │        │ errors, all at once
//!                   ▼        ▼
//!                fallback ◀──┘
//! ```

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ItemFn;

use crate::args::{self, Args};
use crate::diff::{self, forward, reverse, reverse::Reversed};
use crate::emit;
use crate::error::{Errors, with_help};
use crate::fallback;
use crate::input::{self, Input};
use crate::ir::{Function, Passing};
use crate::lower::{self, lift, rename, signature, signature::Returns, signature::Signature};

/// Expands `#[differentiable(args)] item`; never fails: errors become `compile_error!`s beside the function.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::parse(args, &mut errors);
    let (signature, derivatives) = match input::read(item.clone()) {
        Input::Function(function) => try_expand(&args, *function, &mut errors),
        Input::Broken(function, error) => {
            errors.syn(&error);
            (Some(signature::read(&function, &args, &mut BTreeSet::new(), &mut errors)), TokenStream::new())
        }
        Input::Other(error) => {
            errors.syn(&error);
            (None, TokenStream::new())
        }
    };
    if errors.is_empty() { derivatives } else { fallback::expand(item, signature.as_ref(), &runtime(&args), &errors) }
}

/// The function and its derivatives, which are of use only where no error was found.
fn try_expand(args: &Args, mut function: ItemFn, errors: &mut Errors) -> (Option<Signature>, TokenStream) {
    let runtime = runtime(args);
    let (signature, program) = understand(args, &mut function, errors);
    let Some(program) = program else { return (signature, TokenStream::new()) };
    let signature = signature.expect("a function that is understood has a signature");
    let reversed = reverse::reverse(&program);
    let pushed = forward::forward(&program);
    let second = args.second_order.then(|| second_order(&signature, &program, &reversed, errors)).flatten();
    if !errors.is_empty() {
        return (Some(signature), TokenStream::new());
    }
    let bodies = emit::entries::Bodies { reversed: &reversed, pushed: &pushed, second: second.as_ref() };
    let derivatives = emit::respan(emit::entries::emit(&signature, Some(&bodies), &runtime));
    (Some(signature), quote!(#function #derivatives))
}

/// From the item to the representation; the literals of generic functions are lifted in the item itself.
pub fn understand(args: &Args, function: &mut ItemFn, errors: &mut Errors) -> (Option<Signature>, Option<Function>) {
    let runtime = runtime(args);
    let mut taken = BTreeSet::new();
    rename::identifiers(function.to_token_stream(), &mut taken);
    let signature = signature::read(function, args, &mut taken, errors);
    if !errors.is_empty() {
        return (None, None);
    }
    if let Some(scalar) = lower::scalar(&signature).filter(|_| signature.scalars.len() <= 1) {
        lift::lift(&mut function.block, &scalar, &runtime);
    }
    let program = lower::lower(function, &signature, taken, &runtime, errors);
    (Some(signature), errors.is_empty().then_some(program))
}

/// The tangent of the gradient, where there is one.
fn second_order(signature: &Signature, program: &Function, reversed: &Reversed, errors: &mut Errors) -> Option<diff::Second> {
    if signature.returns != Returns::Scalar || signature.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable) {
        let what = "`second_order` needs a function that returns a scalar and has no active `&mut` parameter";
        errors.span(signature.name.span(), with_help(what, "leave `second_order` out, or return a scalar"));
    }
    for call in diff::calls(&program.body) {
        let help = "write the called function's formula here, or leave `second_order` out";
        errors.span(call, with_help("second derivatives through calls are not supported yet", help));
    }
    errors.is_empty().then(|| diff::second(reversed))
}

/// The path of the runtime's hidden module.
fn runtime(args: &Args) -> TokenStream {
    match &args.runtime {
        Some(path) => quote!(#path::rt),
        None => quote!(::differentiable::rt),
    }
}
