//! Calls of functions that have derivatives, and of their hidden entries.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::ir::{Argument, Back, Call, CallMode, Callee, Form, Kind, Operand, Passed, Place, Seed, Tangent};

use super::Emitter;

impl Emitter<'_> {
    pub(super) fn call(&self, call: &Call) -> TokenStream {
        let result = self.name(call.result);
        match &call.mode {
            CallMode::Fused(back) if matches!(call.callee, Callee::Parameter { .. }) => {
                let (value, back) = (self.primal_call(call), self.companion(back));
                quote!(let #result = #value; #back)
            }
            CallMode::Fused(back) => {
                let value = self.entry(call, "fused", self.seed_and_slots(back));
                quote!(let #result = #value;)
            }
            CallMode::Primal | CallMode::Recomputed(_) => {
                let value = self.primal_call(call);
                quote!(let #result = #value;)
            }
            CallMode::Split(back) => {
                let back = self.name(*back);
                let value = self.entry(call, "split", TokenStream::new());
                quote!(let (#result, #back) = #value;)
            }
            CallMode::SplitTangent(back, tangent, tangents) => {
                let (back, tangent) = (self.name(*back), self.name(*tangent));
                let dots = call.arguments.iter().zip(tangents).map(|(argument, tangent)| self.dot(argument, tangent));
                let value = self.entry(call, "split_tangent", quote!(#(, #dots)*));
                quote!(let (#result, #tangent, #back) = #value;)
            }
            CallMode::Tangent(tangent, tangents) if matches!(call.callee, Callee::Parameter { .. }) => {
                let tangent = self.name(*tangent);
                let (value, along) = (self.primal_call(call), self.tangent_by_companion(call, tangents));
                quote!(let #result = #value; let #tangent = #along;)
            }
            CallMode::Tangent(tangent, tangents) => {
                let tangent = self.name(*tangent);
                let dots = call.arguments.iter().zip(tangents).map(|(argument, tangent)| self.dot(argument, tangent));
                let value = self.entry(call, "tangent", quote!(#(, #dots)*));
                quote!(let (#result, #tangent) = #value;)
            }
        }
    }

    fn primal_call(&self, call: &Call) -> TokenStream {
        let arguments: Vec<_> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        match &call.callee {
            Callee::Function { path, arguments: generics } => quote!(#path #generics(#(#arguments),*)),
            Callee::Parameter { name, .. } => quote!(#name(#(#arguments),*)),
            Callee::Derivative { path, which, arguments: generics } => quote!(#path::#which #generics(#(#arguments),*)),
            Callee::Associated { ty, name } => quote!(#ty::#name(#(#arguments),*)),
            Callee::Method { name } => {
                let (receiver, rest) = arguments.split_first().expect("a method has a receiver");
                quote_spanned!(call.span=> #receiver.#name(#(#rest),*))
            }
        }
    }

    /// A call of a hidden entry; where the callee has none, a stand-in carries the message.
    fn entry(&self, call: &Call, entry: &str, further: TokenStream) -> TokenStream {
        let arguments = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        self.entry_with(call, entry, arguments, further)
    }

    fn entry_with(&self, call: &Call, entry: &str, arguments: Vec<TokenStream>, further: TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let count = call.arguments.len();
        match &call.callee {
            Callee::Function { path, arguments: generics } => {
                let with = format_ident!("with{count}");
                let entry = format_ident!("__{entry}");
                let callee = Ident::new("callee", call.span);
                quote! {{
                    use #path as #callee;
                    use #runtime::missing::#with::*;
                    #callee::#entry #generics(#callee #generics #(, #arguments)* #further)
                }}
            }
            Callee::Parameter { name, .. } => quote!(#name(#(#arguments),*)),
            Callee::Derivative { path, which, arguments: generics } => {
                let entry = format_ident!("__{which}_{entry}", span = which.span());
                let callee = Ident::new("callee", call.span);
                let with = format_ident!("with{count}");
                quote! {{
                    use #path as #callee;
                    use #runtime::missing::#with::*;
                    #callee::#entry #generics(#callee #(, #arguments)* #further)
                }}
            }
            Callee::Associated { ty, name } => {
                let entry = format_ident!("__differentiable_{name}_{entry}", span = call.span);
                let letters = (0..count + separators(&further)).map(|i| format_ident!("A{i}"));
                let bound = bound(name, &entry).unwrap_or_else(|| quote!(AssociatedHasDerivatives));
                quote!({
                    #runtime::else_missing_associated!(#runtime::#bound, #entry: #(#letters)*);
                    #ty::#entry(#(#arguments),* #further)
                })
            }
            Callee::Method { name } => {
                let entry = format_ident!("__differentiable_{name}_{entry}", span = call.span);
                let (receiver, rest) = arguments.split_first().expect("a method has a receiver");
                let letters = (0..rest.len() + separators(&further)).map(|i| format_ident!("A{i}"));
                let further = if rest.is_empty() { without_comma(further) } else { further };
                let bound = bound(name, &entry).unwrap_or_else(|| quote!(MethodHasDerivatives));
                quote!({
                    #runtime::else_missing!(#runtime::#bound, #entry: #(#letters)*);
                    #receiver.#entry(#(#rest),* #further)
                })
            }
        }
    }

    fn argument(&self, argument: &Argument) -> TokenStream {
        match &argument.passed {
            Passed::Value(operand) => self.operand(operand, 0),
            Passed::Shared(place) => self.shared(place),
            Passed::Mutable(place) => self.exclusive(place),
            Passed::Receiver(place) => self.place(place, 5),
        }
    }

    /// An argument of sweeps that run once more: what they may change or consume is a copy.
    fn argument_once_more(&self, argument: &Argument) -> TokenStream {
        let runtime = self.runtime;
        match &argument.passed {
            Passed::Mutable(place) => {
                let place = self.shared(place);
                quote!(&mut #runtime::Clone::clone(#place))
            }
            Passed::Value(Operand::Place(place)) if !self.function.is_scalar(place.root) => {
                let place = self.shared(place);
                quote!(#runtime::Clone::clone(#place))
            }
            Passed::Receiver(place) if self.copies_receiver(place) => {
                let place = self.shared(place);
                quote!(#runtime::Clone::clone(#place))
            }
            _ => self.argument(argument),
        }
    }

    fn copies_receiver(&self, place: &Place) -> bool {
        let variable = self.function.variable(place.root);
        variable.form == Form::Owned && variable.kind != Kind::Inactive
    }

    pub(super) fn back(&self, back: &Back) -> TokenStream {
        let name = self.name(back.back);
        if let Some(Callee::Parameter { .. }) = &back.recomputes {
            return self.companion(back);
        }
        if let Some(callee) = &back.recomputes {
            let (arguments, span) = (back.again.clone(), name.span());
            let mode = CallMode::Primal;
            let call = Call { result: back.back, callee: callee.clone(), arguments, span, recursive: true, mode };
            let arguments = call.arguments.iter().map(|argument| self.argument_once_more(argument)).collect();
            let (entry, further) = match &back.pushed {
                Some(pushed) => {
                    let dots =
                        back.again.iter().zip(&pushed.dots).map(|(argument, tangent)| self.dot_once_more(argument, tangent));
                    let (dots, further) = (quote!(#(, #dots)*), self.seed_and_slots(back));
                    ("fused_tangent", quote!(#dots #further))
                }
                None => ("fused", self.seed_and_slots(back)),
            };
            let value = self.entry_with(&call, entry, arguments, further);
            return quote!(let _ = #value;);
        }
        let mut again: Vec<_> = back.again.iter().map(|argument| self.again(argument)).collect();
        if let Some(pushed) = &back.pushed {
            again.extend(back.again.iter().zip(&pushed.dots).map(|(argument, tangent)| match &argument.passed {
                Passed::Mutable(_) => {
                    let runtime = self.runtime;
                    quote!(#runtime::Kept)
                }
                _ => self.dot(argument, tangent),
            }));
        }
        let further = self.seed_and_slots(back);
        let further = if back.again.is_empty() { without_comma(further) } else { further };
        quote!(#name(#(#again),* #further);)
    }

    /// The `vjp` of a parameter that is a function, which adds to the adjoints of its arguments.
    fn companion(&self, back: &Back) -> TokenStream {
        let runtime = self.runtime;
        let Some(Callee::Parameter { companion, .. }) = &back.recomputes else { return TokenStream::new() };
        let arguments = back.again.iter().map(|argument| self.argument_once_more(argument));
        let seed = match &back.seed {
            Seed::Place(place) => self.place(place, 0),
            Seed::ZerosLike(_) => self.seed(&back.seed),
        };
        let slots = back.slots.iter().zip(&back.again).map(|(slot, argument)| match slot {
            Some(slot) => self.exclusive(slot),
            None => {
                let like = self.again_place(argument);
                quote!(&mut #runtime::zeros_like(#like))
            }
        });
        quote!(let _ = #companion(#(#arguments,)* #seed, #(#slots),*);)
    }

    /// A reference to an argument's value.
    fn again_place(&self, argument: &Argument) -> TokenStream {
        match &argument.passed {
            Passed::Shared(place) | Passed::Mutable(place) | Passed::Receiver(place) => self.shared(place),
            Passed::Value(operand) => {
                let operand = self.operand(operand, 4);
                quote!(&#operand)
            }
        }
    }

    /// The tangent of a call of such a parameter: its gradient along the tangents of the arguments.
    fn tangent_by_companion(&self, call: &Call, tangents: &[Tangent]) -> TokenStream {
        let runtime = self.runtime;
        let Callee::Parameter { companion, .. } = &call.callee else { return TokenStream::new() };
        let result = self.name(call.result);
        let arguments = call.arguments.iter().map(|argument| self.argument_once_more(argument));
        let names: Vec<_> = (0..call.arguments.len()).map(|i| format_ident!("slope_{i}")).collect();
        let zeros = names.iter().zip(&call.arguments).map(|(name, argument)| {
            let like = self.again_place(argument);
            quote!(let mut #name = #runtime::zeros_like(#like);)
        });
        let products = names.iter().zip(tangents).filter_map(|(name, tangent)| {
            let tangent = match tangent {
                Tangent::Inactive => return None,
                Tangent::Place(place) if self.form(place.root) == Form::Dot => {
                    let value = self.operand(&Operand::Place(place.clone()), 4);
                    quote!(&#value)
                }
                Tangent::Place(place) => self.shared(place),
                Tangent::Expr(expr) => {
                    let value = self.expr(expr, 4);
                    quote!(&#value)
                }
            };
            Some(quote!(#runtime::inner_product(&#name, #tangent)))
        });
        let products: Vec<_> = products.collect();
        let (first, rest) = match products.split_first() {
            Some((first, rest)) => (first.clone(), rest.to_vec()),
            None => (quote!(#runtime::zeros_like(&#result)), Vec::new()),
        };
        quote!({
            #(#zeros)*
            let _ = #companion(#(#arguments,)* #runtime::one_like(&#result), #(&mut #names),*);
            #first #(+ #rest)*
        })
    }

    /// The cotangent of a call's result and the slots of its arguments, each behind a comma.
    fn seed_and_slots(&self, back: &Back) -> TokenStream {
        let (seed, slots) = (self.seed(&back.seed), self.slots(back, &back.slots));
        let Some(pushed) = &back.pushed else { return quote!(, #seed #(, #slots)*) };
        let (seed_tangent, slot_tangents) = (self.seed(&pushed.seed), self.slots(back, &pushed.slots));
        quote!(, #seed, #seed_tangent #(, #slots)* #(, #slot_tangents)*)
    }

    fn seed(&self, seed: &Seed) -> TokenStream {
        let runtime = self.runtime;
        match seed {
            Seed::Place(place) => self.shared(place),
            Seed::ZerosLike(like) => {
                let like = self.shared(&Place::whole(*like, self.name(*like).span()));
                quote!(&#runtime::zeros_like(#like))
            }
        }
    }

    fn slots(&self, back: &Back, slots: &[Option<Place>]) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let slots = slots.iter().enumerate().map(|(index, slot)| match slot {
            Some(place) => self.slot(place),
            None if back.mutable[index] => match &back.again[index].passed {
                Passed::Mutable(place) => {
                    let place = self.shared(place);
                    quote!(&mut #runtime::adjoint_of(#place))
                }
                _ => quote!(::core::option::Option::None),
            },
            None => quote!(::core::option::Option::None),
        });
        slots.collect()
    }

    /// The tangent of an argument of sweeps that run once more.
    fn dot_once_more(&self, argument: &Argument, tangent: &Tangent) -> TokenStream {
        let runtime = self.runtime;
        match (&argument.passed, tangent) {
            (Passed::Mutable(_), Tangent::Place(place)) => {
                let place = self.shared(place);
                quote!(#runtime::dot(&mut #runtime::Clone::clone(#place)))
            }
            _ => self.dot(argument, tangent),
        }
    }

    fn again(&self, argument: &Argument) -> TokenStream {
        let runtime = self.runtime;
        match &argument.passed {
            Passed::Value(Operand::Place(place)) if place.path.is_empty() && self.function.is_scalar(place.root) => {
                self.shared(place)
            }
            Passed::Value(operand) => {
                let operand = self.operand(operand, 4);
                quote!(#runtime::again(&#operand))
            }
            Passed::Shared(place) => self.shared(place),
            Passed::Mutable(_) => quote!(#runtime::Kept),
            Passed::Receiver(place) => {
                let place = self.shared(place);
                quote!(#runtime::again(#place))
            }
        }
    }

    /// The slot of an active argument.
    fn slot(&self, place: &Place) -> TokenStream {
        let runtime = self.runtime;
        let root = self.name(place.root);
        let inner = match self.form(place.root) {
            Form::Slot if place.path.is_empty() => quote!(#root.as_deref_mut()),
            Form::Slot => {
                let part = self.path(root.to_token_stream(), &place.path);
                quote!(#root.as_deref_mut().map(|#root| &mut #part))
            }
            _ => self.exclusive(place),
        };
        quote_spanned!(place.span=> #runtime::slot(#inner))
    }

    /// The tangent of an argument.
    fn dot(&self, argument: &Argument, tangent: &Tangent) -> TokenStream {
        let runtime = self.runtime;
        match tangent {
            Tangent::Inactive => match &argument.passed {
                Passed::Mutable(place) => {
                    let place = self.shared(place);
                    quote!(&mut #runtime::adjoint_of(#place))
                }
                _ => quote!(::core::option::Option::None),
            },
            Tangent::Expr(expr) => {
                let value = self.expr(expr, 4);
                let span = match expr {
                    crate::ir::Expr::Operand(Operand::Place(place)) => place.span,
                    _ => proc_macro2::Span::call_site(),
                };
                quote_spanned!(span=> #runtime::dot(&#value))
            }
            Tangent::Place(place) if self.form(place.root) == Form::Dot => {
                let root = self.name(place.root);
                if place.path.is_empty() {
                    return quote!(#runtime::dot(#root));
                }
                let part = self.path(root.to_token_stream(), &place.path);
                quote!(#runtime::dot(#root.map(|#root| &#part)))
            }
            Tangent::Place(place) => {
                let exclusive = match &argument.passed {
                    Passed::Mutable(_) => true,
                    Passed::Receiver(place) => self.function.variable(place.root).mutable,
                    _ => false,
                };
                let span = place.span;
                let place = if exclusive { self.exclusive(place) } else { self.shared(place) };
                quote_spanned!(span=> #runtime::dot(#place))
            }
        }
    }
}

/// What the message is where a member has no such entry, beside that it has no derivatives. The member may be a derivative by its name.
fn bound(name: &Ident, entry: &Ident) -> Option<TokenStream> {
    let (name, entry) = (name.to_string(), entry.to_string());
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let is_second = entry.ends_with("split_tangent") || entry.ends_with("fused_tangent");
    match () {
        () if ends(&["_hvp", "_hessian"]) => Some(quote!(FirstOrder)),
        () if ends(&["_vjp", "_pullback", "_jacobian"]) => Some(quote!(TakesItsAdjoints)),
        () if ends(&["_grad", "_jvp"]) && is_second => Some(quote!(FirstOrder)),
        () if ends(&["_grad", "_jvp"]) => Some(quote!(DerivativeHasDerivatives)),
        () if is_second => Some(quote!(MethodHasSecondDerivatives)),
        () => None,
    }
}

/// How many arguments the tokens add.
fn separators(tokens: &TokenStream) -> usize {
    let is_comma =
        |token: &proc_macro2::TokenTree| matches!(token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',');
    tokens.clone().into_iter().filter(is_comma).count()
}

fn without_comma(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().skip(1).collect()
}
