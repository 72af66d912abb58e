//! Entries for derivatives that are called inside of differentiable functions: `g::grad(..)`, `g::value_and_grad(..)`, `g::jvp(..)`.
//!
//! A derivative is a function like any other, with `__split`, `__fused` and `__tangent` of its own, so that `x.energy_grad(q)` is a call
//! of a method that has derivatives. Those of a free function stand beside its own, as `__grad_split` and so on.
//!
//! What flows back is made of the function's second derivatives, `__fused_tangent`, in which the Hessian `H` is symmetric:
//!
//! | derivative | the cotangent of its result | direction | seeds | slots take | their tangents take |
//! | --- | --- | --- | --- | --- | --- |
//! | `grad(x)` | `c` | `c` | 1, 0 | | `H c`, for `x` |
//! | `value_and_grad(x)` | `(s, c)` | `c` | 1, `s` | | `s ∇f + H c`, for `x` |
//! | `jvp(x, x_dot)` | `(s, t)` | `x_dot` | `t`, `s` | `t J`, for `x_dot` | `s J + t (J x_dot)'`, for `x` |
//!
//! The value is that of the derivative as users call it, bit by bit; the second derivatives run the function once more.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::ir::Passing;
use crate::signature::{ParameterSignature, Returns, Signature};

use super::entries::Writer;
use super::heads::Names;

/// A derivative that has derivatives.
struct Inside<'a> {
    /// The function's.
    of: &'a Writer<'a>,
    /// Its own, with its own signature.
    own: Writer<'a>,
    which: Which,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Grad,
    ValueAndGrad,
    Jvp,
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Self::Grad => "grad",
            Self::ValueAndGrad => "value_and_grad",
            Self::Jvp => "jvp",
        }
    }
}

impl Writer<'_> {
    /// The entries of all derivatives that the function has by value.
    pub(super) fn inside(&self) -> TokenStream {
        let runtime = self.runtime;
        if self.active().any(|(_, p)| p.passing == Passing::Mutable) || self.signature.returns == Returns::Nothing {
            return TokenStream::new();
        }
        let gradients = [Which::Grad, Which::ValueAndGrad].map(|which| self.entries_of(which));
        let gradients = (self.signature.returns == Returns::Scalar).then(|| quote!(#(#gradients)*));
        let keeps_slice = |p: &ParameterSignature| p.element.is_some() && (p.active || p.passing == Passing::Mutable);
        let needs_heap = self.split_needs_heap || self.parameters().any(keeps_slice);
        let functions = [gradients.unwrap_or_default(), self.entries_of(Which::Jvp)];
        if needs_heap { quote!(#runtime::with_alloc! { #(#functions)* }) } else { quote!(#(#functions)*) }
    }

    fn entries_of(&self, which: Which) -> TokenStream {
        let signature = self.signature_of(which);
        let names = Names::new(&signature);
        let own = Writer {
            signature: &signature,
            runtime: self.runtime,
            names,
            split_needs_heap: false,
            keeps_borrowed: false,
            forgets_receiver: false,
            report: None,
            constant: super::entries::Constant::default(),
        };
        if own.keeps_a_borrow() {
            return Inside { of: self, own, which }.never_run();
        }
        let inside = Inside { of: self, own, which };
        let before = inside.own.before().unwrap_or_default();
        [inside.split(), inside.fused(), inside.tangent(), before].into_iter().collect()
    }

    fn signature_of(&self, which: Which) -> Signature {
        let (gradient, value) = (self.gradient_type(), &self.signature.output);
        let mut signature = self.signature.clone();
        signature.returns = Returns::Space;
        signature.output = match which {
            Which::Grad => gradient,
            Which::ValueAndGrad => quote!((#value, #gradient)),
            Which::Jvp => quote!((#value, #value)),
        };
        if signature.member {
            signature.name = self.public_name(which.name());
        }
        signature.predicates.extend(self.bounds_of_copies());
        if which == Which::Jvp {
            let dots = self.active().map(|(index, p)| {
                let (ty, inner) = (&p.ty, &p.inner);
                let ty = if p.passing == Passing::Shared { quote!(&#inner) } else { ty.clone() };
                let name = self.names.tangents[index].clone();
                ParameterSignature { name, ty, receiver: false, mutable: false, pattern: None, ..p.clone() }
            });
            signature.parameters.extend(dots);
        }
        signature
    }

    /// The part of a gradient that belongs to each active parameter, behind a reference.
    fn parts(&self, gradient: &TokenStream) -> Vec<TokenStream> {
        let count = self.active().count();
        let parts = (0..count).map(|i| {
            let i = proc_macro2::Literal::usize_unsuffixed(i);
            if count == 1 { quote!(&#gradient) } else { quote!(&#gradient.#i) }
        });
        parts.collect()
    }

    /// One for each parameter, where there is one for each active one.
    pub(super) fn spread(&self, active: Vec<TokenStream>) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let mut active = active.into_iter();
        let all = self.parameters().map(|p| match (p.active, p.passing) {
            (true, _) => active.next().expect("there is one for each active parameter"),
            (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
            (false, _) => quote!(::core::option::Option::None),
        });
        all.collect()
    }

    /// None, for each active parameter.
    fn none(&self) -> Vec<TokenStream> {
        self.active().map(|_| quote!(::core::option::Option::None)).collect()
    }
}

impl Inside<'_> {
    fn entry(&self, entry: &str) -> String {
        let which = self.which.name();
        if self.own.signature.member { entry.to_owned() } else { format!("{which}_{entry}") }
    }

    /// Receiver, the function itself, and the other parameters.
    fn heads(&self) -> TokenStream {
        // none of these entries is `const`, whatever the derivatives of the function are
        let (declared, function) = (self.own.declared(false), self.of.function_parameter("grad_fused"));
        let chosen = |receiver: bool| {
            let chosen = self.own.parameters().zip(&declared).filter(move |(p, _)| p.receiver == receiver);
            chosen.map(|(_, tokens)| tokens).collect::<Vec<_>>()
        };
        let (receiver, others) = (chosen(true), chosen(false));
        quote!(#(#receiver,)* #function #(#others,)*)
    }

    fn turbofish(&self) -> Option<TokenStream> {
        let generics = &self.of.signature.generic_arguments;
        (!generics.is_empty()).then(|| quote!(::<#(#generics),*>))
    }

    /// The arguments once more: copies of what a call may change or use up. The first `count` of them.
    fn arguments(&self, count: usize) -> Vec<TokenStream> {
        self.own.arguments_once_more().into_iter().take(count).collect()
    }

    /// How many arguments the function has.
    fn count(&self) -> usize {
        self.of.parameters().count()
    }

    /// The derivative as users call it.
    fn value(&self) -> TokenStream {
        let (name, turbofish) = (self.of.public_name(self.which.name()), self.turbofish());
        let arguments = self.arguments(usize::MAX);
        self.of.unsafe_block(quote!(Self::#name #turbofish(#(#arguments),*)))
    }

    /// A call of an entry of the function's second derivatives.
    fn second(&self, entry: &str, further: &[TokenStream]) -> TokenStream {
        let (name, turbofish) = (self.of.entry_name(entry), self.turbofish());
        let arguments = self.arguments(self.count());
        if let (true, [receiver, others @ ..]) = (self.of.signature.receiver, arguments.as_slice()) {
            // by value or by reference, as the entry takes it
            return self.of.unsafe_block(quote!((#receiver).#name #turbofish(#(#others,)* #(#further),*)));
        }
        if self.of.signature.member {
            return self.of.unsafe_block(quote!(Self::#name #turbofish(#(#arguments,)* #(#further),*)));
        }
        let function = &self.of.signature.name;
        if self.own.parameters().any(|p| p.name == *function) {
            let call = quote!(Self::#name #turbofish(callee #turbofish, #(#arguments,)* #(#further),*));
            return self.of.unsafe_block(quote!({ use #function as callee; #call }));
        }
        self.of.unsafe_block(quote!(Self::#name #turbofish(#function #turbofish, #(#arguments,)* #(#further),*)))
    }

    /// `__fused_tangent` in a direction, where `seeds` are the cotangent and its tangent.
    fn along(&self, dots: Vec<TokenStream>, seeds: [TokenStream; 2], slots: [Vec<TokenStream>; 2]) -> TokenStream {
        let mut further = self.of.spread(dots);
        further.extend(seeds);
        slots.into_iter().for_each(|slots| further.extend(self.of.spread(slots)));
        self.second("fused_tangent", &further)
    }

    fn slot_parameters(&self) -> Vec<TokenStream> {
        let slots = self.own.parameters().zip(&self.own.names.adjoints).zip(self.own.slot_types());
        slots.map(|((p, adjoint), ty)| if p.active { quote!(#adjoint: #ty) } else { quote!(_: #ty) }).collect()
    }

    /// The numbers one and zero of the function's result.
    fn constants(&self) -> [TokenStream; 2] {
        let (output, runtime) = (&self.of.signature.output, self.of.runtime);
        ["ONE", "ZERO"].map(|name| {
            let name = format_ident!("{name}");
            quote!(&<#output as #runtime::Scalar>::#name)
        })
    }

    /// What flows back from the cotangent of the result.
    fn back(&self) -> TokenStream {
        let (seed, [one, zero]) = (&self.own.names.seed, self.constants());
        let adjoints = self.own.active().map(|(index, _)| self.own.names.adjoints[index].to_token_stream()).collect::<Vec<_>>();
        let some = |part: TokenStream| quote!(::core::option::Option::Some(#part));
        let (dots, seeds, slots) = match self.which {
            Which::Grad => (self.of.parts(&quote!((*#seed))), [one, zero], [self.of.none(), adjoints]),
            Which::ValueAndGrad => (self.of.parts(&quote!(#seed.1)), [one, quote!(&#seed.0)], [self.of.none(), adjoints]),
            Which::Jvp => {
                let (own, of_dots) = adjoints.split_at(self.of.active().count());
                (self.directions(), [quote!(&#seed.1), quote!(&#seed.0)], [of_dots.to_vec(), own.to_vec()])
            }
        };
        let dots = self.of.active().zip(dots).map(|((_, p), dot)| some(self.of.cleared(p, dot))).collect();
        let call = self.along(dots, seeds, slots);
        quote!(let _ = #call;)
    }

    /// References to the tangents that `jvp` is given.
    fn directions(&self) -> Vec<TokenStream> {
        self.own.parameters().skip(self.count()).map(|p| self.of.place_of(p)).collect()
    }

    fn split(&self) -> TokenStream {
        let (output, predicates, heads) = (&self.own.signature.output, self.own.predicates(), self.heads());
        let head = self.own.hidden_head(&self.entry("split"));
        let (again_types, again_names) = (self.own.again_types(false), self.own.again_names(false));
        let (types, slots, seed) = (self.own.slot_types(), self.slot_parameters(), &self.own.names.seed);
        let (same, this, keep) = (self.of.same_function(), self.own.receiver_binding(), self.own.keep());
        let (value, back) = (self.value(), self.back());
        quote! {
            #head(#heads) -> (#output, impl ::core::ops::Fn(#(#again_types,)* &#output, #(#types),*) + 'static) #predicates {
                #same #this #keep
                (#value, move |#(#again_names: #again_types,)* #seed: &#output, #(#slots),*| { #back })
            }
        }
    }

    fn fused(&self) -> TokenStream {
        let (output, predicates, heads) = (&self.own.signature.output, self.own.predicates(), self.heads());
        let head = self.own.hidden_head(&self.entry("fused"));
        let (slots, seed) = (self.slot_parameters(), &self.own.names.seed);
        let (same, this, keep) = (self.of.same_function(), self.own.receiver_binding(), self.own.keep());
        let (value, back) = (self.value(), self.back());
        let result = self.fresh("result");
        quote! {
            #head(#heads #seed: &#output, #(#slots),*) -> #output #predicates {
                #same #this #keep
                let #result = #value;
                #back
                #result
            }
        }
    }

    /// The entries where one half cannot keep what the other is given: their bounds say so.
    fn never_run(&self) -> TokenStream {
        let (runtime, output, predicates, heads) =
            (self.of.runtime, &self.own.signature.output, self.own.predicates(), self.heads());
        let head = |entry| self.own.hidden_head(&self.entry(entry));
        let (split, fused, tangent) = (head("split"), head("fused"), head("tangent"));
        let split = self.own.split_that_is_never_run(&quote!(#split(#heads)), &predicates);
        let (slots, dots) = (self.own.slot_types(), self.own.dot_types());
        quote! {
            #split
            #fused(#heads _: &#output, #(_: #slots),*) -> #output #predicates { #runtime::stub() }
            #tangent(#heads #(_: #dots),*) -> (#output, #output) #predicates { #runtime::stub() }
        }
    }

    fn fresh(&self, wish: &str) -> Ident {
        format_ident!("{}", self.own.taken().fresh(wish))
    }

    fn tangent(&self) -> TokenStream {
        let (output, predicates, heads) = (&self.own.signature.output, self.own.predicates(), self.heads());
        let head = self.own.hidden_head(&self.entry("tangent"));
        let dots = self.own.parameters().zip(&self.own.names.tangents).zip(self.own.dot_types());
        let dots = dots.map(|((p, dot), ty)| if p.active { quote!(#dot: #ty) } else { quote!(_: #ty) });
        let (same, this, keep) = (self.of.same_function(), self.own.receiver_binding(), self.own.keep());
        let body = if self.which == Which::Jvp { self.tangent_of_jvp() } else { self.tangent_of_gradient() };
        quote! { #head(#heads #(#dots),*) -> (#output, #output) #predicates { #same #this #keep #body } }
    }

    /// Zeros like each active parameter of the function, and the names that they are given.
    fn zeros(&self, wish: &str) -> (TokenStream, Vec<Ident>) {
        let runtime = self.of.runtime;
        let names: Vec<Ident> = self.of.active().map(|(index, _)| self.fresh(&format!("{wish}_{index}"))).collect();
        let zeros = self.of.active().zip(&names).map(|((_, p), name)| {
            let like = self.own.place_once_more(p);
            let zeros = if p.element.is_some() { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            quote!(let mut #name = #runtime::#zeros(#like);)
        });
        (zeros.collect(), names)
    }

    fn tangent_of_gradient(&self) -> TokenStream {
        let own = &self.own.names.tangents;
        let dots = self.own.active().map(|(index, _)| own[index].to_token_stream()).collect();
        let (zeros, products) = self.zeros("product");
        let slots = products.iter().map(|product| quote!(::core::option::Option::Some(&mut #product))).collect();
        let (along, value) = (self.along(dots, self.constants(), [self.of.none(), slots]), self.value());
        let product = if products.len() == 1 { products[0].to_token_stream() } else { quote!((#(#products),*)) };
        if self.which == Which::Grad {
            return quote!(#zeros let _ = #along; (#value, #product));
        }
        let tangent = self.fresh("tangent");
        quote!(#zeros let (_, #tangent) = #along; (#value, (#tangent, #product)))
    }

    /// The tangent of `J x_dot` is a sum for each number of the result: of its gradient along the tangent of `x_dot`, and of its Hessian
    /// between `x_dot` and the tangent of `x`.
    fn tangent_of_jvp(&self) -> TokenStream {
        let runtime = self.of.runtime;
        let tangents: Vec<_> = self.own.active().map(|(index, _)| &self.own.names.tangents[index]).collect();
        let (first, second) = tangents.split_at(self.of.active().count());
        let along = self.of.spread(first.iter().map(ToTokens::to_token_stream).collect());
        let split = self.second("split_tangent", &along);
        let [tangent, back, unit, sum] = ["tangent", "back", "unit", "sum"].map(|wish| self.fresh(wish));
        let again = self.of.parameters().map(|p| {
            let name = &p.name;
            match p.passing {
                Passing::Scalar => quote!(&#name),
                Passing::Shared => quote!(#name),
                Passing::Owned | Passing::Mutable => quote!(#runtime::Kept),
            }
        });
        let dots_again = self.of.parameters().zip(&along).map(|(p, dot)| match p.passing {
            Passing::Mutable => quote!(#runtime::Kept),
            _ => dot.clone(),
        });
        let (gradients, rows) = self.zeros("gradient");
        let (hessians, products) = self.zeros("product");
        let slots =
            |names: &[Ident]| self.of.spread(names.iter().map(|name| quote!(::core::option::Option::Some(&mut #name))).collect());
        let (slots, slot_tangents) = (slots(&rows), slots(&products));
        let output = &self.of.signature.output;
        let scalar = quote!(<#output as #runtime::Differentiable>::Scalar);
        let convert = |inner: TokenStream| match self.of.signature.scalar() {
            Some(_) => inner,
            None => quote!(#runtime::partial::convert(<#scalar as #runtime::Scalar>::ZERO, #inner)),
        };
        let terms = self.of.active().zip(self.directions()).zip(second).zip(rows.iter().zip(&products));
        let terms = terms.map(|((((_, p), direction), dot), (row, product))| {
            let inner = if p.element.is_some() { quote!(inner_product_slice) } else { quote!(inner_product) };
            let (bent, moved) =
                (convert(quote!(#runtime::#inner(&#product, #direction))), convert(quote!(#runtime::#inner(&#row, #dot))));
            quote!(#sum += #bent; if let ::core::option::Option::Some(#dot) = #dot { #sum += #moved; })
        });
        let value = self.value();
        quote! {
            let (_, #tangent, #back) = #split;
            let #sum = #runtime::for_each_number(&#tangent, |#unit| {
                #gradients #hessians
                #back(
                    #(#again,)* #(#dots_again,)* #unit, &#runtime::zeros_like(#unit), #(#slots,)* #(#slot_tangents),*
                );
                let mut #sum = <#scalar as #runtime::Scalar>::ZERO;
                #(#terms)*
                #sum
            });
            (#value, (#tangent, #sum))
        }
    }
}
