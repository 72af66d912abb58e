//! Checks by types, in closures that never run.
//!
//! *In:* what has to hold of a place, or of copied code: that it is a scalar, that a method is that of floats, that a macro hides no `return`. *Out:* `let _ = || rt::is_scalar(&place);`, which is an error of
//! the runtime's words where it does not hold.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use crate::ir::{Behind, Check, Code, Place, Step};
use crate::spans::{at_call_site, located, moved};

use super::Emitter;

impl Emitter<'_> {
    pub(super) fn check(&self, place: &Place, what: &Check) -> TokenStream {
        let (runtime, shared) = (self.runtime, self.shared(place));
        let holds = |check: &str| {
            let check = Ident::new(check, at_call_site(place.span));
            quote_spanned!(at_call_site(place.span)=> let _ = || #runtime::#check(#shared);)
        };
        match what {
            Check::Scalar => holds("is_scalar"),
            Check::Integer => holds("is_integer"),
            Check::Number => holds("is_number"),
            Check::Real => holds("has_maths"),
            Check::Sequence => quote_spanned!(at_call_site(place.span)=> let _ = || { #runtime::seq(#shared); };),
            // the same words at the same place as where its adjoint is made
            Check::Space => quote!(let _ = || #runtime::zeros_like(#shared);),
            Check::Enum => quote_spanned!(at_call_site(place.span)=> let _ = || {
                use #runtime::{FieldOfNumbers as _, OtherType as _};
                #runtime::is_enum((&#runtime::Field(#shared)).kind());
            };),
            Check::Skipped => self.check_skipped(place),
            Check::Operand => {
                let is_operand = located(quote!(#runtime::is_operand!), at_call_site(place.span));
                quote_spanned!(at_call_site(place.span)=> let _ = || #is_operand(*#shared);)
            }
            Check::Constructed(path) => {
                let path = &path.tokens;
                quote!(let _ = || { let #path(..) = #shared; };)
            }
            Check::Cloned(name) => quote_spanned!(at_call_site(name.span())=> let _ = || {
                use #runtime::CopiedByValue as _;
                #runtime::by_value(#shared).#name()
            };),
            Check::Holds(field, source) => self.check_field(place, field, source.as_ref()),
            Check::Method(name, behind) => self.check_method(place, name, behind),
        }
    }

    /// A check that a method is that of floats, and not one of a user's trait.
    fn check_method(&self, place: &Place, name: &Ident, behind: &Behind) -> TokenStream {
        let (runtime, shared) = (self.runtime, self.shared(place));
        match behind {
            Behind::Exclusive => quote_spanned!(at_call_site(name.span())=> let _ = || {
                use #runtime::MethodOfMutableFloats as _;
                let mut receiver = #runtime::Clone::clone(#shared);
                (&mut receiver).#name()
            };),
            Behind::Shared(depth) => {
                // by the reference as it is, and by one to it, as methods by reference are looked for
                let checks = (0..=(*depth).min(2)).map(|further| {
                    let (of, ampersand) = match further {
                        0 => (quote!(MethodOfFloats), None),
                        1 => (quote!(MethodOfReferences), Some(quote!(&))),
                        _ => (quote!(MethodOfReferencesToReferences), Some(quote!(&&))),
                    };
                    let receiver = moved(quote!((#ampersand #shared)), place.span);
                    quote_spanned!(at_call_site(name.span())=> let _ = || { use #runtime::#of as _; #receiver.#name() };)
                });
                checks.collect()
            }
        }
    }

    /// A check that copied code is no active value.
    pub(super) fn check_inert(&self, code: &Code) -> TokenStream {
        let (runtime, tokens) = (self.runtime, &code.tokens);
        quote_spanned!(at_call_site(code.span)=> let _ = || #runtime::is_inert(&#tokens);)
    }

    /// A check that copied code leaves neither the function nor a loop.
    pub(super) fn check_exits(&self, code: &Code) -> TokenStream {
        let (runtime, tokens) = (self.runtime, &code.tokens);
        quote_spanned!(at_call_site(code.span)=> let _ = || -> #runtime::NoJumpInsideOfAMacro { #tokens; #runtime::no_exit() };)
    }

    /// A check that a field is skipped, or holds no numbers.
    fn check_skipped(&self, place: &Place) -> TokenStream {
        let (runtime, shared) = (self.runtime, self.shared(place));
        let Some((Step::Field(name), before)) = place.path.split_last() else { return TokenStream::new() };
        let base = self.place(&Place { path: before.to_vec(), ..place.clone() }, 5);
        let (marked, span) = (crate::derive::marker(&syn::Member::Named(name.clone())), at_call_site(name.span()));
        let is_skipped = located(quote!(#runtime::is_skipped!), span);
        quote_spanned!(span=> let _ = || { #is_skipped([#base] #marked #shared); };)
    }

    /// A check that a field may hold what is stored in it.
    fn check_field(&self, place: &Place, field: &Step, source: Option<&Place>) -> TokenStream {
        let runtime = self.runtime;
        let marker = |step: &Step| {
            let member = match step {
                Step::Field(name) => syn::Member::Named(name.clone()),
                Step::Element(index) => syn::Member::from(*index as usize),
                Step::Index(_) => return None,
            };
            Some(crate::derive::marker(&member))
        };
        let (base, Some(marked)) = (self.place(place, 5), marker(field)) else { return TokenStream::new() };
        let sources = source.into_iter().flat_map(|source| {
            source.path.iter().enumerate().filter_map(|(index, step)| {
                let part = Place { path: source.path[..index].to_vec(), ..source.clone() };
                let (part, marked) = (self.place(&part, 5), marker(step)?);
                Some(quote!([#part] #marked))
            })
        });
        let span = match field {
            Step::Field(name) => name.span(),
            _ => place.span,
        };
        let holds = located(quote!(#runtime::holds!), at_call_site(span));
        quote_spanned!(at_call_site(span)=> let _ = || { #holds([#base] #marked #(, #sources)*); };)
    }
}
