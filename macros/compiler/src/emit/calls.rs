//! Calls of functions that have derivatives, and of their hidden entries.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::ir::{
    Argument, Back, Call, CallMode, Callee, Expr, Form, Functional, Kind, Lambda, Operand, Passed, Place, Seed, Step, Tangent,
    uses,
};

use crate::spans::{at_call_site, located};

use super::Emitter;

/// An entry, as far as the form of functions among its arguments depends on it.
#[derive(Clone, Copy)]
enum Entry {
    /// `&f`
    Split,
    /// `(f, its reverse mode)`
    Fused,
    /// The same for sweeps that run once more; at second order `(f, its forward mode, the forward mode of its reverse mode)`.
    Recomputed,
    /// `(f, its forward mode)`
    Tangent,
    /// `(&f, its forward mode)`
    SplitTangent,
}

impl Emitter<'_> {
    pub(super) fn call(&self, call: &Call) -> TokenStream {
        let result = self.name(call.result);
        match &call.mode {
            CallMode::Fused(back) if matches!(call.callee, Callee::Parameter(_)) => {
                let (value, back) = (self.primal_call(call), self.companion(back));
                quote!(let #result = #value; #back)
            }
            CallMode::Fused(back) if call.relaxed => {
                let value = self.relaxed_entry(call, back);
                quote!(let #result = #value;)
            }
            CallMode::Fused(back) => {
                let arguments = self.arguments_of(Entry::Fused, &call.arguments, &[], &back.companions, &[]);
                let value = self.entry_with(call, "fused", arguments, self.seed_and_slots(back));
                quote!(let #result = #value;)
            }
            CallMode::Primal | CallMode::Recomputed(_) => {
                let value = self.primal_call(call);
                quote!(let #result = #value;)
            }
            CallMode::Split(back) => {
                let back = self.name(*back);
                let arguments = self.arguments_of(Entry::Split, &call.arguments, &[], &[], &[]);
                let value = self.entry_with(call, "split", arguments, TokenStream::new());
                quote!(let (#result, #back) = #value;)
            }
            CallMode::SplitTangent(back, tangent, tangents) => {
                let (back, tangent) = (self.name(*back), self.name(*tangent));
                let dots = self.dots(&call.arguments, tangents);
                let arguments = self.arguments_of(Entry::SplitTangent, &call.arguments, tangents, &[], &[]);
                let value = self.entry_with(call, "split_tangent", arguments, quote!(#(, #dots)*));
                quote!(let (#result, #tangent, #back) = #value;)
            }
            CallMode::Tangent(tangent, tangents) if let Callee::Parameter(functional) = &call.callee => {
                let (tangent, name) = (self.name(*tangent), &functional.tangent);
                let arguments = call.arguments.iter().map(|argument| self.argument(argument));
                let dots = self.dots(&call.arguments, tangents);
                quote!(let (#result, #tangent) = #name(#(#arguments,)* #(#dots),*);)
            }
            CallMode::Tangent(tangent, tangents) => {
                let tangent = self.name(*tangent);
                let dots = self.dots(&call.arguments, tangents);
                let arguments = self.arguments_of(Entry::Tangent, &call.arguments, tangents, &[], &[]);
                let value = self.entry_with(call, "tangent", arguments, quote!(#(, #dots)*));
                quote!(let (#result, #tangent) = #value;)
            }
        }
    }

    fn primal_call(&self, call: &Call) -> TokenStream {
        let arguments: Vec<_> = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        match &call.callee {
            Callee::Function { path, arguments: generics, .. } => quote!(#path #generics(#(#arguments),*)),
            Callee::Parameter(functional) => {
                let name = &functional.name;
                quote!(#name(#(#arguments),*))
            }
            Callee::Derivative { path, which, arguments: generics } => quote!(#path::#which #generics(#(#arguments),*)),
            Callee::Associated { ty, name, arguments: generics } => quote!(#ty::#name #generics(#(#arguments),*)),
            Callee::Method { name, arguments: generics } => {
                let (receiver, rest) = arguments.split_first().expect("a method has a receiver");
                quote_spanned!(at_call_site(call.span)=> #receiver.#name #generics(#(#rest),*))
            }
        }
    }

    /// The arguments of an entry, in which functions have their derivatives beside them.
    fn arguments_of(
        &self,
        entry: Entry,
        arguments: &[Argument],
        tangents: &[Tangent],
        companions: &[Option<Lambda>],
        seconds: &[Option<Lambda>],
    ) -> Vec<TokenStream> {
        let lambda = |lambda: Option<&Lambda>| lambda.map(|lambda| self.lambda(lambda));
        let with_companions = |(index, argument): (usize, &Argument)| {
            let (function, tangent, companion, second) = match &argument.passed {
                Passed::Closure(inner, depth) => {
                    let tangent = tangents.get(index).and_then(|tangent| match tangent {
                        Tangent::Closure(tangent) => Some(self.lambda(tangent)),
                        _ => None,
                    });
                    let companion = lambda(companions.get(index).and_then(Option::as_ref));
                    let second = lambda(seconds.get(index).and_then(Option::as_ref));
                    (
                        behind(*depth, self.lambda(inner)),
                        tangent.map(|tangent| quote!(&#tangent)),
                        companion.map(|companion| quote!(&mut #companion)),
                        second.map(|second| quote!(&mut #second)),
                    )
                }
                Passed::Function(functional, depth) => {
                    let [tangent, companion, second] = [&functional.tangent, &functional.companion, &functional.second];
                    let name = behind(*depth, functional.name.to_token_stream());
                    let tangent = if matches!(entry, Entry::SplitTangent) { quote!(&#tangent) } else { quote!(#tangent) };
                    (name, Some(tangent), Some(quote!(&mut *#companion)), Some(quote!(&mut *#second)))
                }
                _ if matches!(entry, Entry::Recomputed) => return self.argument_once_more(argument),
                _ if matches!(entry, Entry::Split | Entry::SplitTangent) => return self.argument_of_half(argument),
                _ => return self.argument(argument),
            };
            match entry {
                Entry::Split => quote!(&#function),
                Entry::Fused => quote!((#function, #companion)),
                Entry::Recomputed if second.is_some() && !seconds.is_empty() => quote!((#function, #tangent, #second)),
                Entry::Recomputed => quote!((#function, #companion)),
                Entry::Tangent => quote!((#function, #tangent)),
                Entry::SplitTangent => quote!((&#function, #tangent)),
            }
        };
        let is_function = |(_, argument): &(usize, &Argument)| is_function(argument);
        let (functions, plain): (Vec<_>, Vec<_>) = arguments.iter().enumerate().partition(is_function);
        plain.into_iter().chain(functions).map(with_companions).collect()
    }

    /// A closure.
    fn lambda(&self, lambda: &Lambda) -> TokenStream {
        let mut used = std::collections::BTreeSet::new();
        uses::block(&lambda.body, &mut |var| _ = used.insert(var));
        lambda.results.iter().for_each(|result| uses::value(result, &mut |var| _ = used.insert(var)));
        let inputs = lambda.inputs.iter().map(|(var, ty)| {
            let (name, ty) = (self.name(*var), ty.as_ref().map(|ty| quote!(: #ty)));
            let mutable = (self.form(*var) == Form::Slot).then(|| quote!(mut));
            if used.contains(var) { quote!(#mutable #name #ty) } else { quote!(_ #ty) }
        });
        let inputs: Vec<_> = inputs.collect();
        let body = self.block(&lambda.body);
        let results: Vec<_> = lambda.results.iter().map(|result| self.value(result)).collect();
        let result = if results.len() == 1 {
            quote!(#(#results)*)
        } else if results.is_empty() {
            quote!()
        } else {
            quote!((#(#results),*))
        };
        quote!(|#(#inputs),*| { #body #result })
    }

    /// A call of a hidden entry; where the callee has none, a stand-in carries the message.
    pub(super) fn entry_with(&self, call: &Call, entry: &str, arguments: Vec<TokenStream>, further: TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let count = call.arguments.len();
        // the types of functions are no parameters of all entries: they follow from the arguments
        let has_functions = call.arguments.iter().any(is_function);
        let turbofish = |generics| (!has_functions).then_some(generics);
        match &call.callee {
            Callee::Function { path, arguments: generics, local } => {
                let entry = format_ident!("__{entry}", span = call.span);
                let callee = Ident::new("__callee", call.span);
                if *local {
                    // it has derivatives, as it stands in the body, and hides any other function of its name
                    let turbofish = turbofish(generics);
                    return quote_spanned!(at_call_site(call.span)=> #path::#entry #turbofish(#path #generics #(, #arguments)* #further));
                }
                let with = match count {
                    17.. => format_ident!("with_many"),
                    _ if self.second_order => format_ident!("second_with{count}"),
                    _ => format_ident!("with{count}"),
                };
                let entry = quote_spanned!(at_call_site(call.span)=> #callee::#entry);
                let turbofish = turbofish(generics);
                quote! {{
                    use #path as #callee;
                    use #runtime::missing::#with::*;
                    #entry #turbofish(#callee #generics #(, #arguments)* #further)
                }}
            }
            Callee::Parameter(_) => unreachable!("a parameter has no entries"),
            Callee::Derivative { path, which, arguments: generics } => {
                let entry = format_ident!("__{which}_{entry}", span = which.span());
                let callee = Ident::new("__callee", call.span);
                let with = format_ident!("second_with{count}");
                quote! {{
                    use #path as #callee;
                    use #runtime::missing::#with::*;
                    #callee::#entry #generics(#callee #(, #arguments)* #further)
                }}
            }
            Callee::Associated { ty, name, arguments: generics } => {
                let mut arguments = arguments;
                if entry.starts_with("split")
                    && let Some(receiver) = self.receiver_in_place(call)
                {
                    arguments[0] = quote!(#runtime::as_taken(#receiver));
                }
                let entry = format_ident!("__differentiable_{name}_{entry}", span = call.span);
                let letters = (0..count + separators(&further)).map(|i| format_ident!("A{i}"));
                let kind = self.missing(name, &entry, "Associated");
                let turbofish = turbofish(generics);
                let given = Ident::new("entry", call.span);
                quote!({
                    #runtime::else_missing_associated!(#kind #entry: #(#letters)*);
                    #ty::#entry #turbofish(#(#arguments),* #further).#given()
                })
            }
            Callee::Method { name, arguments: generics } => {
                let entry = format_ident!("__differentiable_{name}_{entry}", span = call.span);
                let (receiver, rest) = arguments.split_first().expect("a method has a receiver");
                let receiver = match self.may_point(&call.arguments[0]) {
                    true => quote!((*#runtime::pointee!(#receiver, #name))),
                    false => receiver.clone(),
                };
                let letters = (0..rest.len() + separators(&further)).map(|i| format_ident!("A{i}"));
                let further = if rest.is_empty() { without_comma(further) } else { further };
                let kind = self.missing(name, &entry, "Method");
                let turbofish = turbofish(generics);
                let given = Ident::new("entry", call.span);
                quote!({
                    #runtime::else_missing!(#kind #entry: #(#letters)*);
                    #receiver.#entry #turbofish(#(#rest),* #further).#given()
                })
            }
        }
    }

    /// What may be the receiver of a method that is called by its path, where it stands in a place: halves take it by reference where the method takes it by value.
    fn receiver_in_place(&self, call: &Call) -> Option<TokenStream> {
        match &call.arguments.first()?.passed {
            Passed::Value(Operand::Place(place)) if self.function.variable(place.root).kind == Kind::Space => {
                Some(self.shared(place))
            }
            _ => None,
        }
    }

    /// A call of the entry that computes many numbers at a time, where the callee has one.
    fn relaxed_entry(&self, call: &Call, back: &Back) -> TokenStream {
        let Callee::Function { path, .. } = &call.callee else { unreachable!("a function is called") };
        let (runtime, callee) = (self.runtime, Ident::new("__callee", call.span));
        let argument = self.argument(&call.arguments[0]);
        let (seed, slots) = (self.seed(&back.seed), self.slots(back, &back.slots));
        let [relaxed, fused] = ["__relaxed", "__fused"].map(|entry| {
            let entry = Ident::new(entry, call.span);
            quote_spanned!(at_call_site(call.span)=> #callee::#entry)
        });
        let [x, x_bar, seed_of_x] = ["x", "d_x", "seed"].map(|name| Ident::new(name, Span::mixed_site()));
        quote! {{
            use #path as #callee;
            use #runtime::missing::with1::*;
            use #runtime::missing::many::HasMany as _;
            #relaxed(#argument, #seed #(, #slots)*, |#x, #seed_of_x, #x_bar| #fused(#callee, #x, #seed_of_x, #x_bar))
        }}
    }

    /// What is said to be missing where a member has no such entry. The member may be a derivative by its name.
    fn missing(&self, name: &Ident, entry: &Ident, kind: &str) -> Ident {
        let (name, entry) = (name.to_string(), entry.to_string());
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let is_second = entry.ends_with("split_tangent") || entry.ends_with("fused_tangent");
        let kind = match () {
            () if ends(&["_hvp", "_hessian"]) => "FirstOrder".to_owned(),
            () if ends(&["_vjp", "_pullback", "_jacobian"]) => "TakesItsAdjoints".to_owned(),
            () if ends(&["_grad", "_jvp"]) && is_second => "FirstOrder".to_owned(),
            () if ends(&["_grad", "_jvp"]) => "Derivative".to_owned(),
            () if self.second_order => format!("Second{kind}"),
            () => kind.to_owned(),
        };
        format_ident!("{kind}")
    }

    fn argument(&self, argument: &Argument) -> TokenStream {
        match &argument.passed {
            // a reference may become one of another type where it is passed, which its copy has to be made before
            Passed::Value(Operand::Place(place)) if self.is_needed(place) && self.function.holders.contains(&place.root) => {
                let (copied, copy) = (self.cloned(place), Ident::new("copy", Span::mixed_site()));
                quote!(match #copied { #copy => #copy })
            }
            Passed::Value(Operand::Place(place)) if self.is_needed(place) => self.cloned(place),
            Passed::Value(operand) => self.operand(operand, 0),
            Passed::Shared(place) => self.shared(place),
            Passed::Mutable(place) | Passed::Lent(place) => self.exclusive(place),
            Passed::Receiver(place) => self.place(place, 5),
            Passed::Closure(lambda, depth) => behind(*depth, self.lambda(lambda)),
            Passed::Function(functional, depth) => behind(*depth, functional.name.to_token_stream()),
        }
    }

    /// An argument of a forward half: what it may use up and the backward sweep asks for is a copy.
    fn argument_of_half(&self, argument: &Argument) -> TokenStream {
        let runtime = self.runtime;
        match &argument.passed {
            Passed::Value(Operand::Place(place)) if argument.active && self.may_be_used_up(place) => {
                let place = self.shared(place);
                quote!(#runtime::Clone::clone(#place))
            }
            _ => self.argument(argument),
        }
    }

    /// Whether passing the place by value may move something out of it.
    fn may_be_used_up(&self, place: &Place) -> bool {
        let root = self.function.variable(place.root);
        let is_element = place.path.iter().any(|step| matches!(step, Step::Index(_)));
        root.kind == Kind::Space && self.form(place.root) == Form::Owned && !is_element
    }

    /// An argument of sweeps that run once more: what they may change or consume is a copy.
    fn argument_once_more(&self, argument: &Argument) -> TokenStream {
        let runtime = self.runtime;
        match &argument.passed {
            Passed::Mutable(place) | Passed::Lent(place) => {
                let place = self.shared(place);
                quote!(&mut #runtime::Clone::clone(#place))
            }
            Passed::Value(Operand::Place(place))
                if !self.function.is_scalar(place.root) && !self.function.nameable.contains(&place.root) =>
            {
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

    /// Whether what a method is called on may be a pointer of the standard library, whose entries are those of what it points to: it holds nothing
    /// active, does not change, and is no parameter of a type that is none.
    fn may_point(&self, argument: &Argument) -> bool {
        let Passed::Receiver(place) = &argument.passed else { return false };
        let is_parameter = place.path.is_empty() && self.function.is_parameter(place.root);
        let is_struct = place.path.is_empty() && self.function.structs.contains(&place.root);
        let may_be_one = !is_struct && (!is_parameter || self.function.pointers.contains(&place.root));
        may_be_one && !argument.active && !self.constant && !self.function.variable(place.root).mutable
    }

    fn copies_receiver(&self, place: &Place) -> bool {
        let variable = self.function.variable(place.root);
        variable.form == Form::Owned && variable.kind != Kind::Inactive
    }

    pub(super) fn back(&self, back: &Back) -> TokenStream {
        let name = self.name(back.back);
        if let Some(Callee::Parameter(_)) = &back.recomputes {
            return self.companion(back);
        }
        if let Some(callee) = &back.recomputes {
            let (arguments, span) = (back.again.clone(), name.span());
            let mode = CallMode::Primal;
            let call =
                Call { result: back.back, callee: callee.clone(), arguments, span, recomputed: true, relaxed: false, mode };
            let (dots, seconds) =
                back.pushed.as_ref().map_or((&[][..], &[][..]), |pushed| (&pushed.dots[..], &pushed.companions[..]));
            let arguments = self.arguments_of(Entry::Recomputed, &call.arguments, dots, &back.companions, seconds);
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
        let again = back.again.iter().enumerate().map(|(index, argument)| self.again_with_companions(back, index, argument));
        let mut again: Vec<_> = again.collect();
        if let Some(pushed) = &back.pushed {
            let changes = may_change_receiver(&back.again);
            let dots = back.again.iter().zip(&pushed.dots);
            again.extend(dots.map(|(argument, tangent)| self.dot_again(argument, tangent, changes)));
        }
        let further = self.seed_and_slots(back);
        let further = if back.again.is_empty() { without_comma(further) } else { further };
        quote!(#name(#(#again),* #further);)
    }

    /// What the backward half is given again; functions with their derivatives.
    fn again_with_companions(&self, back: &Back, index: usize, argument: &Argument) -> TokenStream {
        match (&argument.passed, &back.pushed) {
            (Passed::Closure(function, _), None) => {
                let (function, companion) =
                    (self.lambda(function), back.companions[index].as_ref().map(|lambda| self.lambda(lambda)));
                quote!((&#function, &mut #companion))
            }
            (Passed::Closure(function, _), Some(pushed)) => {
                let (function, second) =
                    (self.lambda(function), pushed.companions[index].as_ref().map(|lambda| self.lambda(lambda)));
                let tangent = match &pushed.dots[index] {
                    Tangent::Closure(tangent) => self.lambda(tangent),
                    _ => TokenStream::new(),
                };
                quote!((&#function, &#tangent, &mut #second))
            }
            (Passed::Function(Functional { name, companion, .. }, _), None) => quote!((&#name, &mut &mut *#companion)),
            (Passed::Function(Functional { name, tangent, second, .. }, _), Some(_)) => {
                quote!((&#name, &#tangent, &mut &mut *#second))
            }
            _ => self.again(argument),
        }
    }

    /// The reverse mode of a parameter that is a function, which adds to the adjoints of its arguments.
    fn companion(&self, back: &Back) -> TokenStream {
        let Some(Callee::Parameter(functional)) = &back.recomputes else { return TokenStream::new() };
        let arguments = back.again.iter().map(|argument| self.argument_once_more(argument));
        let (seed, slots) = (self.seed(&back.seed), self.slots(back, &back.slots));
        let Some(pushed) = &back.pushed else {
            let name = &functional.companion;
            return quote!(#name(#(#arguments,)* #seed, #(#slots),*););
        };
        let name = &functional.second;
        let dots = self.dots(&back.again, &pushed.dots);
        let (seed_tangent, slot_tangents) = (self.seed(&pushed.seed), self.slots(back, &pushed.slots));
        quote!(#name(#(#arguments,)* #seed, #(#slots,)* #(#dots,)* #seed_tangent, #(#slot_tangents),*);)
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
            Some(place) if back.mutable[index] && self.function.buffers.contains(&place.root) => {
                self.buffer(&self.exclusive(place), span_of(&back.again[index]))
            }
            Some(place) => self.slot(place, span_of(&back.again[index])),
            None if back.mutable[index] => match &back.again[index].passed {
                Passed::Mutable(place) => {
                    let outside = located(quote!(#runtime::outside), place.span);
                    quote_spanned!(at_call_site(place.span)=> &mut #outside())
                }
                _ => self.outside(&back.again[index]),
            },
            None => self.outside(&back.again[index]),
        });
        slots.collect()
    }

    /// The adjoint or the tangent of a buffer, if the callee takes one.
    fn buffer(&self, own: &TokenStream, span: Span) -> TokenStream {
        let runtime = self.runtime;
        let fit = located(quote!(#runtime::fit_buffer), span);
        quote_spanned!(at_call_site(span)=> #fit(#own, &mut #runtime::OutsideWrt))
    }

    /// The slot or the tangent of an argument through which no derivative flows, and which is not passed by `&mut`, as far as the caller knows.
    fn outside(&self, argument: &Argument) -> TokenStream {
        match &argument.passed {
            Passed::Lent(place) | Passed::Receiver(place) if !self.constant => {
                let runtime = self.runtime;
                quote_spanned!(at_call_site(place.span)=> #runtime::outside_receiver(&mut #runtime::OutsideWrt))
            }
            _ => quote!(::core::option::Option::None),
        }
    }

    /// The tangent of an argument of sweeps that run once more.
    fn dot_once_more(&self, argument: &Argument, tangent: &Tangent) -> TokenStream {
        let runtime = self.runtime;
        match (&argument.passed, tangent) {
            (Passed::Mutable(_) | Passed::Lent(_), Tangent::Place(place)) => {
                let own = self.shared(place);
                let own = quote!(&mut #runtime::Clone::clone(#own));
                match self.function.buffers.contains(&place.root) {
                    true => self.buffer(&own, span_of(argument)),
                    false => quote!(#runtime::fit(#own)),
                }
            }
            _ => self.dot(argument, tangent, true),
        }
    }

    /// The tangent of what the backward half is given again, which reads it.
    fn dot_again(&self, argument: &Argument, tangent: &Tangent, changes_receiver: bool) -> TokenStream {
        match (&argument.passed, tangent) {
            (Passed::Mutable(_), _) => {
                let runtime = self.runtime;
                quote!(#runtime::Kept)
            }
            (Passed::Lent(place), Tangent::Place(_)) => {
                let read = Argument { passed: Passed::Shared(place.clone()), active: argument.active };
                self.dot(&read, tangent, changes_receiver)
            }
            _ => self.dot(argument, tangent, changes_receiver),
        }
    }

    fn again(&self, argument: &Argument) -> TokenStream {
        let runtime = self.runtime;
        match &argument.passed {
            Passed::Value(Operand::Place(place)) if place.path.is_empty() && self.function.is_scalar(place.root) => {
                self.shared(place)
            }
            // a literal that borrows has its type from the parameter
            Passed::Value(Operand::Code(code)) if is_literal_reference(&code.tokens) => code.tokens.clone(),
            Passed::Value(operand) => {
                let operand = self.operand(operand, 4);
                quote!(#runtime::again(&#operand))
            }
            // may become a reference to a trait object, which takes a place that is no reference
            Passed::Shared(place) if place.path.is_empty() && self.held.borrow().contains(&place.root) => {
                let place = self.shared(place);
                quote!({ use #runtime::{LentReference as _, LentOther as _}; (&#runtime::Lent(#place)).get() })
            }
            Passed::Shared(place) => self.shared(place),
            Passed::Mutable(_) => quote!(#runtime::Kept),
            Passed::Receiver(place) if self.may_point(argument) => {
                let place = self.place(place, 5);
                quote!(#runtime::again(#runtime::pointee!(#place)))
            }
            Passed::Receiver(place) => {
                let place = self.shared(place);
                quote!(#runtime::again(#place))
            }
            Passed::Lent(place) => {
                let place = self.shared(place);
                quote!(#runtime::again(&#place))
            }
            Passed::Closure(..) | Passed::Function(..) => quote!(#runtime::Kept),
        }
    }

    /// The slot of an active argument.
    fn slot(&self, place: &Place, span: Span) -> TokenStream {
        if self.constant {
            return self.constant_slot(place);
        }
        let root = self.name(place.root);
        let inner = match self.form(place.root) {
            Form::Slot if place.path.is_empty() => located(quote!(#root.as_deref_mut()), span),
            Form::Slot => {
                let part = self.path(root.to_token_stream(), &place.path);
                quote!(#root.as_deref_mut().map(|#root| &mut #part))
            }
            _ => self.exclusive(place),
        };
        self.fit(place, &inner, span)
    }

    /// An adjoint or a tangent in the callee's form: of a field only its type tells whether it has one.
    fn fit(&self, place: &Place, own: &TokenStream, span: Span) -> TokenStream {
        let runtime = self.runtime;
        let fit = located(quote!(#runtime::fit), span);
        let own = match place.path.last() {
            Some(Step::Field(_)) => quote_spanned!(at_call_site(span)=> {
                use #runtime::{FieldThatCarries as _, FieldThatCarriesNone as _};
                #runtime::OfField(#own).own()
            }),
            _ => own.clone(),
        };
        quote_spanned!(at_call_site(span)=> #fit(#own))
    }

    /// The tangents of the arguments.
    fn dots(&self, arguments: &[Argument], tangents: &[Tangent]) -> Vec<TokenStream> {
        let changes = may_change_receiver(arguments);
        arguments.iter().zip(tangents).map(|(argument, tangent)| self.dot(argument, tangent, changes)).collect()
    }

    /// The tangent of an argument.
    fn dot(&self, argument: &Argument, tangent: &Tangent, changes_receiver: bool) -> TokenStream {
        if self.constant {
            return self.constant_dot(tangent);
        }
        let (runtime, span) = (self.runtime, span_of(argument));
        let fit = located(quote!(#runtime::fit), span);
        match tangent {
            Tangent::Closure(_) => quote!(::core::option::Option::None),
            Tangent::Inactive => match &argument.passed {
                Passed::Mutable(place) => {
                    let outside = located(quote!(#runtime::outside), place.span);
                    quote_spanned!(at_call_site(place.span)=> &mut #outside())
                }
                _ => self.outside(argument),
            },
            Tangent::Expr(Expr::Operand(Operand::Place(place))) if matches!(place.path.last(), Some(Step::Field(_))) => {
                let root = self.name(place.root);
                let part = self.path(root.to_token_stream(), &place.path);
                let own = match self.form(place.root) {
                    Form::Dot => quote!(#root.map(|#root| &#part)),
                    _ => self.shared(place),
                };
                self.fit(place, &own, span)
            }
            Tangent::Expr(expr) => {
                let value = self.expr(expr, 4);
                quote_spanned!(at_call_site(span)=> #fit(&#value))
            }
            Tangent::Place(place) if self.form(place.root) == Form::Dot => {
                let root = self.name(place.root);
                if place.path.is_empty() {
                    let root = located(root.to_token_stream(), span);
                    return quote_spanned!(at_call_site(span)=> #fit(#root));
                }
                let part = self.path(root.to_token_stream(), &place.path);
                self.fit(place, &quote!(#root.map(|#root| &#part)), span)
            }
            Tangent::Place(place) => {
                let exclusive = match &argument.passed {
                    Passed::Mutable(_) | Passed::Lent(_) => true,
                    Passed::Receiver(place) => changes_receiver && self.function.variable(place.root).mutable,
                    _ => false,
                };
                let is_buffer = exclusive && self.function.buffers.contains(&place.root);
                let own = if exclusive { self.exclusive(place) } else { self.shared(place) };
                if is_buffer { self.buffer(&own, span) } else { self.fit(place, &own, span) }
            }
        }
    }
}

/// Whether the method may change its receiver: not where it is given a shared reference to a part of it.
fn may_change_receiver(arguments: &[Argument]) -> bool {
    let Some((Argument { passed: Passed::Receiver(receiver), .. }, rest)) = arguments.split_first() else { return true };
    !rest.iter().any(|argument| matches!(&argument.passed, Passed::Shared(place) if receiver.meets(place)))
}

/// Where an argument stands.
fn span_of(argument: &Argument) -> Span {
    match &argument.passed {
        Passed::Shared(place)
        | Passed::Mutable(place)
        | Passed::Lent(place)
        | Passed::Receiver(place)
        | Passed::Value(Operand::Place(place)) => place.span,
        Passed::Value(Operand::Code(code)) => code.span,
        Passed::Value(Operand::Number(_)) | Passed::Closure(..) | Passed::Function(..) => Span::call_site(),
    }
}

fn is_function(argument: &Argument) -> bool {
    matches!(argument.passed, Passed::Closure(..) | Passed::Function(..))
}

fn behind(depth: u8, tokens: TokenStream) -> TokenStream {
    let ampersands = (0..depth).map(|_| quote!(&));
    quote!(#(#ampersands)* #tokens)
}

/// `&[..]`, `&(..)`
fn is_literal_reference(tokens: &TokenStream) -> bool {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    matches!(tokens.as_slice(), [TokenTree::Punct(ampersand), TokenTree::Group(_)] if ampersand.as_char() == '&')
}

/// How many arguments the tokens add.
fn separators(tokens: &TokenStream) -> usize {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    tokens.clone().into_iter().filter(is_comma).count()
}

fn without_comma(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().skip(1).collect()
}
