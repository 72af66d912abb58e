//! The entries of functions whose derivatives the user writes: `vjp = path`, `jvp = path`.
//!
//! The path names a function with the signature of the generated one. It takes an adjoint for every active parameter, so that where a
//! caller wants none, a scratch one is made. What the function changes or uses up is cloned for the backward half, which runs the user's
//! function.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::ir::Passing;
use crate::lower::given::own_call;
use crate::lower::signature::{ParameterSignature, Returns};

use super::entries::Writer;

impl Writer<'_> {
    fn seed_passed(&self, seed: &TokenStream) -> Option<TokenStream> {
        match self.signature.returns {
            Returns::Nothing => None,
            Returns::Scalar => Some(quote!(*#seed)),
            Returns::Space => Some(seed.clone()),
        }
    }

    /// `let d: &mut D = ..` for each active parameter.
    fn adjoints_or_scratch(&self, like: &dyn Fn(&ParameterSignature) -> TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let adjoints = self.active().filter(|(_, p)| p.passing != Passing::Mutable).map(|(i, p)| {
            let (adjoint, inner, like) = (&self.names.adjoints[i], &p.inner, like(p));
            let scratch = format_ident!("scratch_{i}");
            let zeros = if p.element.is_some() { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            quote! {
                let mut #scratch;
                let #adjoint: &mut #inner = match #adjoint {
                    ::core::option::Option::Some(#adjoint) => #adjoint,
                    ::core::option::Option::None => { #scratch = #runtime::#zeros(#like); &mut #scratch }
                };
            }
        });
        adjoints.collect()
    }

    /// `__fused` by the user's `vjp`.
    pub(super) fn given_fused(&self, path: &TokenStream) -> TokenStream {
        let (output, predicates, head) = (&self.signature.output, self.predicates(), self.hidden_head("fused"));
        let (receiver, function, others) = self.front("fused", false);
        let (types, seed, same) = (self.slot_types(), &self.names.seed, self.same_function());
        let slots = self.slot_parameters(&types);
        let scratch = self.adjoints_or_scratch(&|p| self.place_of(p));
        let arguments = self.parameters().map(|p| if p.receiver { quote!(self) } else { p.name.to_token_stream() });
        let seed_passed = self.seed_passed(&seed.to_token_stream()).into_iter();
        let adjoints = self.active().map(|(i, _)| &self.names.adjoints[i]);
        let call = self.unsafe_block(quote!(#path(#(#arguments,)* #(#seed_passed,)* #(#adjoints),*)));
        quote! {
            #head(#receiver #function #(#others,)* #seed: &#output, #(#slots),*) -> #output #predicates {
                #same #scratch
                let _ = #seed;
                #call
            }
        }
    }

    fn slot_parameters(&self, types: &[TokenStream]) -> Vec<TokenStream> {
        let slots = self.parameters().zip(&self.names.adjoints).zip(types).map(|((p, adjoint), ty)| match p.active {
            true => quote!(#adjoint: #ty),
            false => quote!(_: #ty),
        });
        slots.collect()
    }

    /// Copies of what the function changes or uses up, for a backward half that runs it once more.
    pub(super) fn keep(&self) -> TokenStream {
        let runtime = self.runtime;
        let keep = self.parameters().filter(|p| is_kept(p)).map(|p| {
            let (kept, name) = (kept(p), &p.name);
            let place = if p.passing == Passing::Mutable { quote!(#name) } else { quote!(&#name) };
            quote!(let #kept = #runtime::Clone::clone(#place);)
        });
        keep.collect()
    }

    /// The arguments, of which those that are kept are copies.
    pub(super) fn arguments_once_more(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let arguments = self.parameters().map(|p| {
            let kept = kept(p);
            match p.passing {
                Passing::Mutable => quote!(&mut #runtime::Clone::clone(&#kept)),
                Passing::Owned => quote!(#runtime::Clone::clone(&#kept)),
                _ => p.name.to_token_stream(),
            }
        });
        arguments.collect()
    }

    /// A reference to an argument, or to its copy.
    pub(super) fn place_once_more(&self, p: &ParameterSignature) -> TokenStream {
        if is_kept(p) {
            let kept = kept(p);
            return quote!(&#kept);
        }
        let name = &p.name;
        if p.passing == Passing::Shared { quote!(#name) } else { quote!(&#name) }
    }

    /// `__split`: the function itself, and the user's `vjp` for the backward half.
    pub(super) fn given_split(&self, path: &TokenStream) -> TokenStream {
        let (output, predicates, head) = (&self.signature.output, self.predicates_in("split"), self.hidden_head("split"));
        let (receiver, function, others) = self.front("split", false);
        let (types, seed, same) = (self.slot_types(), &self.names.seed, self.same_function());
        let slots = self.slot_parameters(&types);
        let (again_types, again_names) = (self.again_types(false), self.again_names(false));
        let keep = self.keep();
        let scratch = self.adjoints_or_scratch(&|p| self.place_once_more(p));
        let arguments = self.arguments_once_more();
        let seed_passed = self.seed_passed(&seed.to_token_stream()).into_iter();
        let adjoints = self.active().map(|(i, _)| &self.names.adjoints[i]);
        let call = self.unsafe_block(quote!(#path(#(#arguments,)* #(#seed_passed,)* #(#adjoints),*)));
        let (this, own) = (self.receiver_binding(), self.unsafe_block(own_call(self.signature)));
        quote! {
            #head(#receiver #function #(#others),*)
                -> (#output, impl ::core::ops::Fn(#(#again_types,)* &#output, #(#types),*) + 'static) #predicates
            {
                #same #this #keep
                let value = #own;
                (value, move |#(#again_names: #again_types,)* #seed: &#output, #(#slots),*| {
                    #scratch
                    let _ = #seed;
                    let _ = #call;
                })
            }
        }
    }

    /// `__tangent` by the user's `jvp`; without one, an error where it is used.
    pub(super) fn given_tangent(&self, path: Option<&TokenStream>) -> TokenStream {
        let runtime = self.runtime;
        let (output, predicates, head) = (&self.signature.output, self.predicates(), self.hidden_head("tangent"));
        let (receiver, function, others) = self.front("tangent", false);
        let (types, same) = (self.dot_types(), self.same_function());
        let dots = self.parameters().zip(&self.names.tangents).zip(&types).map(|((p, dot), ty)| match p.active {
            true => quote!(#dot: #ty),
            false => quote!(_: #ty),
        });
        let dots: Vec<_> = dots.collect();
        let Some(path) = path else {
            let message = format!(
                "`{}` has no forward mode: its attribute has `vjp = ..` and no `jvp = ..`, so that what calls it has none either",
                self.signature.name
            );
            let dots = types.iter().map(|ty| quote!(_: #ty));
            let others = self.parameters().filter(|p| !p.receiver).map(|p| {
                let ty = &p.ty;
                quote!(_: #ty)
            });
            let function = self.function_parameter("tangent");
            return quote! {
                #head(#receiver #function #(#others,)* #(#dots),*) -> (#output, #output) #predicates { const { ::core::panic!(#message) } }
            };
        };
        let zeros = self.active().map(|(i, p)| {
            let (dot, inner, like) = (&self.names.tangents[i], &p.inner, self.place_of(p));
            let scratch = format_ident!("scratch_{i}");
            let zeros = if p.element.is_some() { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            match p.passing {
                Passing::Mutable => TokenStream::new(),
                Passing::Shared => quote! {
                    let #scratch;
                    let #dot: &#inner = match #dot {
                        ::core::option::Option::Some(#dot) => #dot,
                        ::core::option::Option::None => { #scratch = #runtime::#zeros(#like); &#scratch }
                    };
                },
                _ => quote!(let #dot = #dot.map_or_else(|| #runtime::zeros_like(#like), #runtime::Clone::clone);),
            }
        });
        let arguments = self.parameters().map(|p| if p.receiver { quote!(self) } else { p.name.to_token_stream() });
        let passed = self.active().map(|(i, _)| &self.names.tangents[i]);
        let call = self.unsafe_block(quote!(#path(#(#arguments,)* #(#passed),*)));
        quote! {
            #head(#receiver #function #(#others,)* #(#dots),*) -> (#output, #output) #predicates { #same #(#zeros)* #call }
        }
    }
}

fn is_kept(p: &ParameterSignature) -> bool {
    matches!(p.passing, Passing::Owned | Passing::Mutable)
}

fn kept(p: &ParameterSignature) -> Ident {
    format_ident!("kept_{}", p.name)
}
