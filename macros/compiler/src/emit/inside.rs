//! Entries for derivatives that are called inside of differentiable functions: `g::grad(..)` and `g::value_and_grad(..)`.
//!
//! The derivative of a gradient along a direction is a Hessian-vector product, and as the Hessian is symmetric, so is what flows back from a
//! cotangent of the gradient: `__grad_tangent` and `__grad_fused` both call `hvp`. They run the function more than once.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::Passing;

use super::entries::Writer;

impl Writer<'_> {
    /// The entries of `grad` and `value_and_grad`.
    pub(super) fn inside(&self) -> TokenStream {
        if self.signature.member {
            return TokenStream::new();
        }
        let runtime = self.runtime;
        let functions = [self.grad_fused(), self.grad_tangent(), self.value_and_grad_fused(), self.value_and_grad_tangent()];
        let functions = quote!(#(#functions)*);
        if self.active().any(|(_, p)| p.element.is_some()) { quote!(#runtime::with_alloc! { #functions }) } else { functions }
    }

    /// The part of a gradient that belongs to each active parameter.
    fn parts(&self, gradient: &TokenStream) -> Vec<TokenStream> {
        let count = self.active().count();
        let parts = (0..count).map(|i| {
            let i = proc_macro2::Literal::usize_unsuffixed(i);
            if count == 1 { quote!(#gradient) } else { quote!(#gradient.#i) }
        });
        parts.collect()
    }

    /// `let x_dot = ..` of a gradient's parts, as `hvp` takes them.
    fn dots_of(&self, gradient: &TokenStream) -> (TokenStream, Vec<Ident>) {
        let runtime = self.runtime;
        let dots: Vec<Ident> = self.active().map(|(i, _)| self.names.tangents[i].clone()).collect();
        let parts = self.parts(gradient);
        let lets = dots.iter().zip(&parts).map(|(dot, part)| quote!(let #dot = #runtime::Clone::clone(&#part);));
        (quote!(#(#lets)*), dots)
    }

    fn slots(&self) -> Vec<TokenStream> {
        let types = self.slot_types();
        let slots = self.parameters().zip(&self.names.adjoints).zip(types).map(|((p, adjoint), ty)| match p.active {
            true => quote!(mut #adjoint: #ty),
            false => quote!(_: #ty),
        });
        slots.collect()
    }

    fn add_product(&self, product: &TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let parts = self.parts(product);
        let adds = self.active().zip(parts).map(|((i, p), part)| {
            let adjoint = &self.names.adjoints[i];
            let add = if p.element.is_some() { quote!(accumulate_slice) } else { quote!(accumulate) };
            quote!(if let ::core::option::Option::Some(#adjoint) = #adjoint.as_deref_mut() { #runtime::#add(#adjoint, &#part); })
        });
        adds.collect()
    }

    /// A call of a public derivative that leaves the arguments where they are.
    fn own(&self, name: &str) -> TokenStream {
        let runtime = self.runtime;
        let name = self.public_name(name);
        let arguments = self.parameters().map(|p| {
            let name = &p.name;
            match p.passing {
                Passing::Shared | Passing::Scalar => quote!(#name),
                Passing::Mutable => quote!(&mut *#name),
                Passing::Owned => quote!(#runtime::Clone::clone(&#name)),
            }
        });
        let generics = &self.signature.generic_arguments;
        let turbofish = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
        self.unsafe_block(quote!(Self::#name #turbofish(#(#arguments),*)))
    }

    fn grad_fused(&self) -> TokenStream {
        let (gradient, predicates, head) = (self.gradient_type(), self.predicates(), self.hidden_head("grad_fused"));
        let (declared, function, slots, seed) = (self.declared(false), self.function_parameter(), self.slots(), &self.names.seed);
        let (same, (dots, names)) = (self.same_function(), self.dots_of(&quote!((*#seed))));
        let (product, own) = (self.hvp_call(&names), self.own("grad"));
        let adds = self.add_product(&quote!(product));
        quote! {
            #head(#function #(#declared,)* #seed: &#gradient, #(#slots),*) -> #gradient #predicates {
                #same #dots
                let product = #product;
                #adds
                #own
            }
        }
    }

    fn grad_tangent(&self) -> TokenStream {
        let (gradient, predicates, head) = (self.gradient_type(), self.predicates(), self.hidden_head("grad_tangent"));
        let (declared, function) = (self.declared(false), self.function_parameter());
        let (same, types, zeros) = (self.same_function(), self.dot_parameters(), self.owned_dots());
        let names: Vec<Ident> = self.active().map(|(i, _)| self.names.tangents[i].clone()).collect();
        let (product, own) = (self.hvp_call(&names), self.own("grad"));
        quote! {
            #head(#function #(#declared,)* #(#types),*) -> (#gradient, #gradient) #predicates { #same #zeros (#own, #product) }
        }
    }

    fn value_and_grad_fused(&self) -> TokenStream {
        let (gradient, predicates) = (self.gradient_type(), self.predicates());
        let (output, head) = (&self.signature.output, self.hidden_head("value_and_grad_fused"));
        let (declared, function, slots, seed) = (self.declared(false), self.function_parameter(), self.slots(), &self.names.seed);
        let (same, (dots, names)) = (self.same_function(), self.dots_of(&quote!(#seed.1)));
        let (product, own) = (self.hvp_call(&names), self.own("value_and_grad"));
        let (adds, scaled) = (self.add_product(&quote!(product)), self.add_scaled());
        quote! {
            #head(#function #(#declared,)* #seed: &(#output, #gradient), #(#slots),*) -> (#output, #gradient) #predicates {
                #same #dots
                let product = #product;
                #adds
                let both = #own;
                #scaled
                both
            }
        }
    }

    fn add_scaled(&self) -> TokenStream {
        let (runtime, seed) = (self.runtime, &self.names.seed);
        let parts = self.parts(&quote!(both.1));
        let adds = self.active().zip(parts).map(|((i, p), part)| {
            let adjoint = &self.names.adjoints[i];
            let add = if p.element.is_some() { quote!(accumulate_scaled_slice) } else { quote!(accumulate_scaled) };
            quote! {
                if let ::core::option::Option::Some(#adjoint) = #adjoint.as_deref_mut() { #runtime::#add(#adjoint, &#part, #seed.0); }
            }
        });
        adds.collect()
    }

    fn value_and_grad_tangent(&self) -> TokenStream {
        let (gradient, predicates) = (self.gradient_type(), self.predicates());
        let (output, head) = (&self.signature.output, self.hidden_head("value_and_grad_tangent"));
        let (declared, function) = (self.declared(false), self.function_parameter());
        let (same, types, zeros) = (self.same_function(), self.dot_parameters(), self.owned_dots());
        let names: Vec<Ident> = self.active().map(|(i, _)| self.names.tangents[i].clone()).collect();
        let (product, own) = (self.hvp_call(&names), self.own("value_and_grad"));
        let runtime = self.runtime;
        let parts = self.parts(&quote!(both.1));
        let inner = self.active().zip(&names).zip(&parts).map(|(((_, p), dot), part)| {
            let inner = if p.element.is_some() { quote!(inner_product_slice) } else { quote!(inner_product) };
            quote!(tangent += #runtime::#inner(&#part, &#dot);)
        });
        quote! {
            #head(#function #(#declared,)* #(#types),*) -> ((#output, #gradient), (#output, #gradient)) #predicates {
                #same #zeros
                let both = #own;
                let mut tangent = <#output as #runtime::Scalar>::ZERO;
                #(#inner)*
                (both, (tangent, #product))
            }
        }
    }

    fn dot_parameters(&self) -> Vec<TokenStream> {
        let types = self.dot_types();
        let dots = self.parameters().zip(&self.names.tangents).zip(types).map(|((p, dot), ty)| match p.active {
            true => quote!(#dot: #ty),
            false => quote!(_: #ty),
        });
        dots.collect()
    }

    /// The tangents by value: zeros where there is none.
    fn owned_dots(&self) -> TokenStream {
        let runtime = self.runtime;
        let dots = self.active().map(|(i, p)| {
            let (dot, like) = (&self.names.tangents[i], self.place_of(p));
            match p.element {
                Some(_) => quote!(let #dot = #dot.map_or_else(|| #runtime::zeros_of_slice(#like), |#dot| #dot.to_vec());),
                None => quote!(let #dot = #dot.map_or_else(|| #runtime::zeros_like(#like), #runtime::Clone::clone);),
            }
        });
        dots.collect()
    }
}
