//! Parameters that are functions: how the derivatives of their function take them, and how the public derivatives pass them on.
//!
//! In public derivatives such a parameter `f` is followed by its `f_vjp`. The hidden entries take it with what the caller makes of the
//! closure that it passes, of which every input has a slot or a tangent, like the parameters of an entry:
//!
//! | entry | takes |
//! | --- | --- |
//! | `__split` | `&dyn Fn(inputs..) -> V` |
//! | its backward half | `(&dyn Fn, &mut dyn FnMut(inputs.., &V, slots..))`, in the place of `f` |
//! | `__fused` | `(f, &mut FnMut(inputs.., &V, slots..))` |
//! | `__tangent` | `(f, &Fn(inputs.., dots..) -> (V, V))` |
//! | `__split_tangent` | `(&dyn Fn, &dyn Fn(inputs.., dots..) -> (V, V))` |
//! | its backward half | `(&dyn Fn, &dyn Fn(..) -> (V, V), &mut dyn FnMut(inputs.., &V, slots.., dots.., &V, slots..))` |
//!
//! The halves apart take `dyn`, since a backward half must not contain a type of its caller: it outlives what the caller borrows.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::ir::Passing;
use crate::signature::{Callable, CallableInput, ParameterSignature};

use super::entries::Writer;

impl Writer<'_> {
    pub(super) fn has_functions(&self) -> bool {
        self.parameters().any(|p| p.callable.is_some())
    }

    fn slots_of(&self, callable: &Callable) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let slots = callable.inputs.iter().map(|CallableInput { inner, active, .. }| match active {
            true => quote!(::core::option::Option<&mut #inner>),
            false => quote!(::core::option::Option<&mut #runtime::OutsideWrt>),
        });
        slots.collect()
    }

    fn dots_of_function(&self, callable: &Callable) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let dots = callable.inputs.iter().map(|CallableInput { inner, active, .. }| match active {
            true => quote!(::core::option::Option<&#inner>),
            false => quote!(::core::option::Option<&#runtime::OutsideWrt>),
        });
        dots.collect()
    }

    /// `Fn(inputs..) -> V`
    fn function_type(&self, callable: &Callable) -> TokenStream {
        let (inputs, output) = (callable.inputs.iter().map(|input| &input.ty), &callable.output);
        quote!(::core::ops::Fn(#(#inputs),*) -> #output)
    }

    fn reverse_type(&self, callable: &Callable) -> TokenStream {
        let (inputs, output, slots) = (callable.inputs.iter().map(|input| &input.ty), &callable.output, self.slots_of(callable));
        quote!(::core::ops::FnMut(#(#inputs,)* &#output, #(#slots),*))
    }

    fn forward_type(&self, callable: &Callable) -> TokenStream {
        let (inputs, output) = (callable.inputs.iter().map(|input| &input.ty), &callable.output);
        let dots = self.dots_of_function(callable);
        quote!(::core::ops::Fn(#(#inputs,)* #(#dots),*) -> (#output, #output))
    }

    fn second_type(&self, callable: &Callable) -> TokenStream {
        let (inputs, output) = (callable.inputs.iter().map(|input| &input.ty), &callable.output);
        let (slots, dots) = (self.slots_of(callable), self.dots_of_function(callable));
        quote!(::core::ops::FnMut(#(#inputs,)* &#output, #(#slots,)* #(#dots,)* &#output, #(#slots),*))
    }

    /// The parameter as a hidden entry declares it.
    pub(super) fn function_in(&self, p: &ParameterSignature, callable: &Callable, entry: &str) -> TokenStream {
        let (name, ty) = (&p.name, &p.ty);
        let Callable { companion, tangent, second, .. } = callable;
        let (function, forward) = (self.function_type(callable), self.forward_type(callable));
        match entry {
            "split" => quote!(#name: &'function dyn #function),
            "fused" => {
                let reverse = self.reverse_type(callable);
                quote!((#name, #companion): (#ty, &mut (impl #reverse + ?::core::marker::Sized)))
            }
            "tangent" => quote!((#name, #tangent): (#ty, &(impl #forward + ?::core::marker::Sized))),
            "split_tangent" => quote!((#name, #tangent): (&'function dyn #function, &'function dyn #forward)),
            _ => {
                let second_type = self.second_type(callable);
                quote! {
                    (#name, #tangent, #second):
                        (#ty, &(impl #forward + ?::core::marker::Sized), &mut (impl #second_type + ?::core::marker::Sized))
                }
            }
        }
    }

    /// What the backward half is given in the place of the function: the names, and the type.
    pub(super) fn function_again(&self, p: &ParameterSignature, callable: &Callable, second: bool) -> (TokenStream, TokenStream) {
        let Callable { companion, tangent, second: of_reverse, .. } = callable;
        let (name, function) = (&p.name, self.function_type(callable));
        if second {
            let (forward, second) = (self.forward_type(callable), self.second_type(callable));
            return (quote!((#name, #tangent, #of_reverse)), quote!((&dyn #function, &dyn #forward, &mut dyn #second)));
        }
        let reverse = self.reverse_type(callable);
        (quote!((#name, #companion)), quote!((&dyn #function, &mut dyn #reverse)))
    }

    /// `let f = &f;` for functions that go by reference, where they are `dyn`.
    pub(super) fn function_references(&self) -> TokenStream {
        let by_reference = self.parameters().filter(|p| p.callable.is_some() && p.passing == Passing::Shared);
        let names = by_reference.map(|p| &p.name);
        quote!(#(let #names = &#names;)*)
    }

    /// The type of the parameter as the function itself has it where it is called with `dyn`.
    pub(super) fn function_dyn(&self, p: &ParameterSignature, callable: &Callable) -> TokenStream {
        let function = self.function_type(callable);
        if p.passing == Passing::Shared { quote!(&'function &'function dyn #function) } else { quote!(&'function dyn #function) }
    }

    /// The parameter that follows one that is a function in public derivatives: its `vjp`.
    pub(super) fn companion(&self, callable: &Callable, bound: &TokenStream) -> Option<TokenStream> {
        let (name, output) = (&callable.companion, &callable.output);
        if !callable.carries {
            return None;
        }
        let seed = if callable.gives_scalar { quote!(#output) } else { quote!(&#output) };
        let inputs = callable.inputs.iter().map(|input| &input.ty);
        let adjoints = callable.inputs.iter().filter(|input| input.active).map(|input| {
            let inner = &input.inner;
            quote!(&mut #inner)
        });
        Some(quote!(, #name: impl ::core::ops::Fn(#(#inputs,)* #seed, #(#adjoints),*) -> #output #bound))
    }

    /// The function as a public derivative passes it to an entry.
    pub(super) fn function_passed(&self, p: &ParameterSignature, callable: &Callable, entry: &str) -> TokenStream {
        let name = &p.name;
        match entry {
            "split" => quote!(&#name),
            "tangent" => {
                let forward = self.forward_by_vjp(p, callable);
                // the closure beside it calls it too
                let name = if p.passing == Passing::Shared { quote!(#name) } else { quote!(&#name) };
                quote!((#name, &#forward))
            }
            _ => {
                let reverse = self.reverse_by_vjp(callable);
                quote!((#name, #reverse))
            }
        }
    }

    /// `&mut |inputs.., seed, slots..| ..` that calls the user's `vjp`.
    pub(super) fn reverse_by_vjp(&self, callable: &Callable) -> TokenStream {
        let (runtime, vjp, output) = (self.runtime, &callable.companion, &callable.output);
        let (inputs, declared) = inputs(callable);
        let slots: Vec<_> = (0..inputs.len()).map(|i| format_ident!("slot_{i}")).collect();
        let types = self.slots_of(callable);
        if !callable.carries {
            return quote!(&mut |#(#declared,)* _: &#output, #(_: #types),*| { let _ = (#(#inputs),*); });
        }
        let slot_names = slots.iter().zip(&callable.inputs).map(|(slot, input)| match input.active {
            true => slot.to_token_stream(),
            false => quote!(_),
        });
        let scratch = active(callable).map(|(i, input)| {
            let (slot, name, scratch) = (&slots[i], &inputs[i], format_ident!("scratch_{i}"));
            let zeros = if input.is_slice { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            let place = if input.is_reference { quote!(#name) } else { quote!(&#name) };
            quote! {
                let mut #scratch;
                let #slot = match #slot {
                    ::core::option::Option::Some(#slot) => #slot,
                    ::core::option::Option::None => { #scratch = #runtime::#zeros(#place); &mut #scratch }
                };
            }
        });
        let seed = if callable.gives_scalar { quote!(*seed) } else { quote!(seed) };
        let adjoints = active(callable).map(|(i, _)| &slots[i]);
        quote! {
            &mut |#(#declared,)* seed: &#output, #(#slot_names: #types),*| {
                #(#scratch)*
                let _ = #vjp(#(#inputs,)* #seed, #(#adjoints),*);
            }
        }
    }

    /// `|inputs.., dots..| (value, tangent)`: the gradient along the tangents of the inputs, for each number that the function gives.
    fn forward_by_vjp(&self, p: &ParameterSignature, callable: &Callable) -> TokenStream {
        let (runtime, name, vjp, output) = (self.runtime, &p.name, &callable.companion, &callable.output);
        let (inputs, declared) = inputs(callable);
        let dots: Vec<_> = (0..inputs.len()).map(|i| format_ident!("dot_{i}")).collect();
        let types = self.dots_of_function(callable);
        let copies: Vec<_> = inputs
            .iter()
            .zip(&callable.inputs)
            .map(|(name, input)| if input.is_reference { quote!(#name) } else { quote!(#runtime::Clone::clone(&#name)) })
            .collect();
        if !callable.carries {
            return quote! {
                |#(#declared,)* #(_: #types),*| {
                    let value = #name(#(#inputs),*);
                    (#runtime::Clone::clone(&value), value)
                }
            };
        }
        let dot_names = dots.iter().zip(&callable.inputs).map(|(dot, input)| if input.active { quote!(#dot) } else { quote!(_) });
        let slopes: Vec<_> = (0..inputs.len()).map(|i| format_ident!("slope_{i}")).collect();
        let zeros = active(callable).map(|(i, input)| {
            let (slope, name) = (&slopes[i], &inputs[i]);
            let zeros = if input.is_slice { quote!(zeros_of_slice) } else { quote!(zeros_like) };
            let place = if input.is_reference { quote!(#name) } else { quote!(&#name) };
            quote!(let mut #slope = #runtime::#zeros(#place);)
        });
        let products = active(callable).map(|(i, input)| {
            let (slope, dot) = (&slopes[i], &dots[i]);
            let product = if input.is_slice { quote!(inner_product_slice) } else { quote!(inner_product) };
            let product = quote!(#runtime::#product(&#slope, #dot));
            let [of_input, of_output] = [&input.inner, output].map(|ty| ty.to_string().contains("f32"));
            let product = if of_input == of_output { product } else { quote!(#runtime::partial::convert(along, #product)) };
            quote!(if let ::core::option::Option::Some(#dot) = #dot { along += #product; })
        });
        let adjoints = active(callable).map(|(i, _)| &slopes[i]);
        let seed = if callable.gives_scalar { quote!(*unit) } else { quote!(unit) };
        quote! {
            |#(#declared,)* #(#dot_names: #types),*| {
                let value = #name(#(#copies),*);
                let tangent = #runtime::each_unit(&value, |unit: &#output| {
                    #(#zeros)*
                    let _ = #vjp(#(#copies,)* #seed, #(&mut #adjoints),*);
                    let mut along = <<#output as #runtime::Differentiable>::Scalar as #runtime::Scalar>::ZERO;
                    #(#products)*
                    along
                });
                (value, tangent)
            }
        }
    }

    /// Whether passing the functions on takes zeros of slices.
    pub(super) fn functions_need_heap(&self) -> bool {
        self.parameters().filter_map(|p| p.callable.as_ref()).any(|callable| active(callable).any(|(_, input)| input.is_slice))
    }

    /// The functions' type parameters, which the halves apart do not have.
    pub(super) fn function_types(&self) -> Vec<String> {
        self.parameters().filter(|p| p.callable.is_some()).map(|p| p.inner.to_string()).collect()
    }
}

fn active(callable: &Callable) -> impl Iterator<Item = (usize, &CallableInput)> {
    callable.inputs.iter().enumerate().filter(|(_, input)| input.active)
}

/// Names for the inputs, and their declarations.
fn inputs(callable: &Callable) -> (Vec<Ident>, Vec<TokenStream>) {
    let names: Vec<_> = (0..callable.inputs.len()).map(|i| format_ident!("input_{i}")).collect();
    let declared = names.iter().zip(&callable.inputs).map(|(name, input)| {
        let ty = &input.ty;
        quote!(#name: #ty)
    });
    let declared = declared.collect();
    (names, declared)
}
