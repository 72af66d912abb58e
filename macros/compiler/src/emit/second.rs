//! The hidden entries of second derivatives: the tangents of the two sweeps.
//!
//! | entry | signature |
//! | --- | --- |
//! | `__split_tangent` | `(function, args.., dots..) -> (V, V, impl Fn(again.., dots.., &V, &V, slots.., slots..) + 'static)` |
//! | `__fused_tangent` | `(function, args.., dots.., &V, &V, slots.., slots..) -> (V, V)` |
//!
//! The second seed is the tangent of the first, and the second slots take the tangents of what the first take. The dots given again are
//! those of `&mut` parameters no more, which the forward half consumed.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use crate::analysis::save;
use crate::diff::Second;
use crate::ir::{Function, Passing, Var};

use super::Emitter;
use super::entries::{Writer, grows};

impl Writer<'_> {
    fn dot_names(&self, dots: &[Option<Var>], function: &Function) -> Vec<TokenStream> {
        let names = dots.iter().map(|dot| dot.map_or_else(|| quote!(_), |dot| function.variable(dot).name.to_token_stream()));
        names.collect()
    }

    /// The tangent of the forward half, with the tangent of the backward half.
    pub(super) fn split_tangent(&self, second: &Second) -> TokenStream {
        let runtime = self.runtime;
        let Second { pushed, seed, seed_tangent, slots, slot_tangents, middle } = second;
        let function = &pushed.function;
        let (forward, sweep) = pushed.body.split_at(*middle);
        let plan = save::plan(function, &[], &forward.to_vec(), &sweep.to_vec(), None);
        let mut backward = plan.repeated;
        backward.extend(sweep.iter().cloned());
        let emitter =
            Emitter { apart: true, ..self.emitter(function, &[&forward.to_vec(), &backward], &pushed.dots, &pushed.results()) };
        let forward = emitter.block(&forward.to_vec());
        let (left, backward) = emitter.handed_over(&plan.saved, &backward);
        let (output, predicates, head) =
            (&self.signature.output, self.predicates_in("split_tangent"), self.hidden_head("split_tangent"));
        let (receiver, itself, others) = self.front("split_tangent", true);
        let (dot_types, dot_names) = (self.dot_types(), self.dot_names(&pushed.dots, function));
        let (again_types, again_names) = (self.again_types(true), self.again_names(true));
        let kept = |p: Passing, other: TokenStream, with: TokenStream| if p == Passing::Mutable { with } else { other };
        let dots_again: Vec<_> =
            self.parameters().zip(&dot_types).map(|(p, ty)| kept(p.passing, ty.clone(), quote!(#runtime::Kept))).collect();
        let dots_again_names: Vec<_> =
            self.parameters().zip(&dot_names).map(|(p, name)| kept(p.passing, name.clone(), quote!(_))).collect();
        let slot_types = self.slot_types();
        let (slot_names, tangent_names) = (self.slot_names(slots, function), self.slot_names(slot_tangents, function));
        let (seed, seed_tangent) = (&function.variable(*seed).name, self.seed_tangent_name(*seed_tangent, function));
        let (same, this) = (self.same(function), self.receiver_of_half());
        let value = Self::result(function);
        let tangent = pushed.result.as_ref().map_or_else(|| quote!(()), |result| emitter.value(result));
        let mut taken = function.taken.clone();
        let tangent_name = Ident::new(&taken.fresh("tangent"), self.signature.name.span());
        let (references, lifetime) = (self.function_references(), self.back_lifetime());
        let split = quote! {
            #head(#receiver #itself #(#others,)* #(#dot_names: #dot_types),*)
                -> (#output, #output, impl ::core::ops::Fn(#(#again_types,)* #(#dots_again,)* &#output, &#output, #(#slot_types,)* #(#slot_types),*) + #lifetime)
            #predicates
            {
                #same #this #references #forward
                let #tangent_name = #tangent;
                #left
                (#value, #tangent_name, move |
                    #(#again_names: #again_types,)* #(#dots_again_names: #dots_again,)*
                    #seed: &#output, #seed_tangent: &#output, #(#slot_names: #slot_types,)* #(#tangent_names: #slot_types),*
                | { #references #backward })
            }
        };
        if self.split_needs_heap { quote!(#runtime::with_alloc! { #split }) } else { split }
    }

    /// Both entries without bodies, for a function with errors.
    pub(super) fn second_without_bodies(&self) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let (dots, slots, again) = (self.dot_types(), self.slot_types(), self.again_types(true));
        let dots_again = self.parameters().zip(&dots);
        let dots_again =
            dots_again.map(|(p, ty)| if p.passing == Passing::Mutable { quote!(#runtime::Kept) } else { ty.clone() });
        let dots_again: Vec<_> = dots_again.collect();
        let ((receiver, itself, others), predicates, head) =
            (self.front("split_tangent", true), self.predicates_in("split_tangent"), self.hidden_head("split_tangent"));
        let apart = quote! {
            #head(#receiver #itself #(#others,)* #(_: #dots),*)
                -> (#output, #output, impl ::core::ops::Fn(#(#again,)* #(#dots_again,)* &#output, &#output, #(#slots,)* #(#slots),*) + 'static)
            #predicates
            {
                (#runtime::stub(), #runtime::stub(), |
                    #(_: #again,)* #(_: #dots_again,)* _: &#output, _: &#output, #(_: #slots,)* #(_: #slots),*
                | {})
            }
        };
        let (receiver, itself, others) = self.front("fused_tangent", true);
        let (predicates, head, seed) = (self.predicates(), self.hidden_head("fused_tangent"), self.seed_type());
        quote! {
            #apart
            #head(#receiver #itself #(#others,)* #(_: #dots,)* _: &#seed, _: &#seed, #(_: #slots,)* #(_: #slots),*)
                -> (#output, #output) #predicates { #runtime::stub() }
        }
    }

    fn seed_tangent_name(&self, seed_tangent: Option<Var>, function: &Function) -> TokenStream {
        seed_tangent.map_or_else(|| quote!(_), |var| function.variable(var).name.to_token_stream())
    }

    /// The tangents of both sweeps in a row, which functions that call themselves run.
    pub(super) fn fused_tangent(&self, second: &Second) -> TokenStream {
        let Second { pushed, seed, seed_tangent, slots, slot_tangents, .. } = second;
        let function = &pushed.function;
        let emitter = self.emitter(function, &[&pushed.body], &pushed.dots, &pushed.results());
        let statements = emitter.block(&pushed.body);
        let (output, predicates, head) = (&self.signature.output, self.predicates(), self.hidden_head("fused_tangent"));
        let (receiver, itself, others) = self.front("fused_tangent", true);
        let (dot_types, dot_names) = (self.dot_types(), self.dot_names(&pushed.dots, function));
        let slot_types = self.slot_types();
        let (slot_names, tangent_names) = (self.slot_names(slots, function), self.slot_names(slot_tangents, function));
        let (seed, seed_tangent) = (&function.variable(*seed).name, self.seed_tangent_name(*seed_tangent, function));
        let (same, this) = (self.same(function), self.receiver_binding());
        let results = self.with_tangent(pushed, &emitter);
        let (runtime, seed_type) = (self.runtime, self.seed_type());
        let fused = quote! {
            #head(
                #receiver #itself #(#others,)* #(#dot_names: #dot_types,)* #seed: &#seed_type, #seed_tangent: &#seed_type,
                #(#slot_names: #slot_types,)* #(#tangent_names: #slot_types),*
            ) -> (#output, #output) #predicates { #same #this #statements #results }
        };
        let needs_heap = self.split_needs_heap && grows(&pushed.body);
        if needs_heap { quote!(#runtime::with_alloc! { #fused }) } else { fused }
    }
}
