//! The associated functions of a differentiable function: all of them in their order, and the hidden entries that other derivatives call.
//!
//! | entry | signature |
//! | --- | --- |
//! | `__split` | `(function, args..) -> (V, impl Fn(again.., &V, slots..) + 'static)` |
//! | `__fused` | `(function, args.., seed: &V, slots..) -> V` |
//! | `__tangent` | `(function, args.., dots..) -> (V, V)` |
//!
//! There is one slot, one `again` and one dot for every parameter, since a caller cannot see which are active. In an `impl` the
//! names are `__differentiable_<method>_<entry>`, with the receiver in front and no `function`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use crate::analysis::covered::is_covered;
use crate::analysis::{given_again, moves, save, scopes};
use crate::args::Args;
use crate::diff::Derivatives;
use crate::diff::forward::Pushed;
use crate::diff::jacobian::Plan;
use crate::diff::reverse::{Reversed, Sweeps};
use crate::ir::{Block, Form, Function, Passing, Statement, Value, Var, Variable, uses};
use crate::signature::{Returns, Signature};
use crate::simplify::calls;
use crate::spans::at_call_site;

use super::docs::Report;
use super::heads::{self, Names, is_cloned, is_vector};
use super::layouts::{Shape, Shapes, of_records};
use super::{Emitter, constant, mutated, truths};

/// The bodies of the entries: none for a function with errors, whose derivatives only have signatures.
pub struct Bodies<'a> {
    /// The derivatives.
    pub derivatives: &'a Derivatives,
    /// A function that stands for the generated forward mode.
    pub jvp: Option<&'a syn::Path>,
    /// How the Jacobian is made.
    pub jacobian: Option<&'a Plan>,
    /// The functions by which the function is pure where they are.
    pub pure_where: Option<&'a [TokenStream]>,
}

/// For each parameter whether all of its adjoint is added to.
fn covered(derivatives: &Derivatives) -> Vec<bool> {
    let Sweeps { function, body, slots, .. } = &derivatives.fused;
    let body = derivatives.one_by_one.as_ref().unwrap_or(body);
    let slots = function.parameters.iter().zip(slots);
    slots.map(|(parameter, slot)| slot.is_some_and(|slot| is_covered(function, body, parameter.var, slot))).collect()
}

/// Writes the derivatives of a function.
pub fn emit(signature: &Signature, bodies: Option<&Bodies>, runtime: &TokenStream) -> TokenStream {
    let signature = &declared_at_call_site(signature);
    let names = Names::new(signature);
    let derivatives = bodies.map(|bodies| bodies.derivatives);
    let split_needs_heap = derivatives.is_some_and(needs_heap_apart);
    let keeps_borrowed = derivatives.is_some_and(|derivatives| heads::keeps_borrowed(signature, &derivatives.reversed));
    let report = derivatives.map(|derivatives| Report::of(signature, derivatives));
    let constant = derivatives.filter(|_| constant::may_be(signature)).map_or_else(Constant::default, |derivatives| Constant {
        fused: is_const_fused(signature, &derivatives.fused),
        tangent: is_const_tangent(signature, &derivatives.pushed) && bodies.is_none_or(|bodies| bodies.jvp.is_none()),
    });
    let forgets_receiver = derivatives.is_some_and(|derivatives| forgets_receiver(signature, &derivatives.reversed));
    let writer = Writer { signature, runtime, names, split_needs_heap, keeps_borrowed, forgets_receiver, report, constant };
    let mut functions = TokenStream::new();
    let has_gradient =
        signature.returns == Returns::Scalar && !signature.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable);
    if has_gradient {
        let swept = derivatives.filter(|_| !writer.has_functions() && !constant.fused);
        let fresh = swept.and_then(|derivatives| derivatives.fresh.as_ref());
        functions.extend(writer.gradients(fresh, &swept.map_or_else(Vec::new, covered)));
    }
    functions.extend(writer.vjp());
    functions.extend(writer.jvp());
    functions.extend(writer.pullback());
    functions.extend(writer.jacobian(bodies.and_then(|bodies| bodies.jacobian)));
    // a `vjp` that the user gives says nothing of second derivatives
    let has_functions = writer.has_functions();
    let second = derivatives.and_then(|derivatives| derivatives.second.as_ref()).filter(|_| !has_functions);
    functions.extend(second.map(|second| writer.hvp(second)));
    let is_without_bodies = writer.is_second_order_without_bodies(derivatives);
    functions.extend((is_without_bodies && has_gradient).then(|| writer.hvp_without_a_body()));
    functions.extend((second.is_some() || is_without_bodies && has_gradient).then(|| writer.hessian()).flatten());
    functions.extend(writer.entries(derivatives, bodies));
    let is_second_order =
        is_without_bodies || derivatives.is_some_and(|derivatives| derivatives.apart.is_some() && derivatives.together.is_some());
    functions.extend((is_second_order && !has_functions).then(|| writer.inside()));
    functions.extend(called_by_another_name(signature, |called| {
        let writer = Writer {
            signature: called,
            runtime,
            names: Names::new(called),
            split_needs_heap,
            keeps_borrowed,
            forgets_receiver: false,
            report: None,
            constant,
        };
        let mut functions = writer.called();
        functions.extend(writer.entries(derivatives, bodies));
        functions
    }));
    writer.enclosed(functions, bodies.and_then(|bodies| bodies.pure_where))
}

/// `Ident::call`, by which other functions call one whose derivatives stand under another name, and its entries.
fn called_by_another_name(signature: &Signature, entries: impl FnOnce(&Signature) -> TokenStream) -> Option<TokenStream> {
    (!signature.member && signature.space != signature.name).then(|| {
        let name = Ident::new("call", signature.name.span());
        entries(&Signature { name, member: true, ..signature.clone() })
    })
}

/// Writes the derivatives of a function whose reverse mode is given.
pub fn emit_given(signature: &Signature, args: &Args, runtime: &TokenStream) -> TokenStream {
    let signature = &declared_at_call_site(signature);
    let constant = Constant::default();
    let of = |signature| Writer {
        signature,
        runtime,
        names: Names::new(signature),
        split_needs_heap: false,
        keeps_borrowed: false,
        forgets_receiver: false,
        report: None,
        constant,
    };
    let writer = of(signature);
    // these run the halves apart, of which the one keeps copies for the other
    let with_copies = writer.signature_with_copies();
    let apart = of(&with_copies);
    let path = args.vjp.to_token_stream();
    let mut functions = TokenStream::new();
    if signature.returns == Returns::Scalar && !signature.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable) {
        functions.extend(writer.gradients(None, &[]));
    }
    functions.extend(writer.vjp());
    functions.extend(args.jvp.is_some().then(|| writer.jvp()));
    functions.extend(apart.pullback());
    functions.extend(apart.jacobian(None));
    functions.extend(writer.given_fused(&path));
    functions.extend(writer.given_split(&path));
    functions.extend(writer.given_tangent(args.jvp.as_ref().map(ToTokens::to_token_stream).as_ref()));
    functions.extend(writer.before());
    let twice = args.vjp.as_ref().filter(|_| args.second_order && args.jvp.is_some());
    functions.extend(twice.map(|path| writer.given_second(path)));
    functions.extend(called_by_another_name(signature, |called| {
        let constant = Constant::default();
        let writer = Writer {
            signature: called,
            runtime,
            names: Names::new(called),
            split_needs_heap: false,
            keeps_borrowed: false,
            forgets_receiver: false,
            report: None,
            constant,
        };
        let mut entries = writer.called();
        entries.extend(writer.given_fused(&path));
        entries.extend(writer.given_split(&path));
        entries.extend(writer.given_tangent(args.jvp.as_ref().map(ToTokens::to_token_stream).as_ref()));
        entries.extend(twice.map(|path| writer.given_second(path)));
        entries
    }));
    writer.enclosed(functions, None)
}

/// The shapes of variables in the entries of a `const` function.
fn shapes(signature: &Signature, function: &Function, body: &Block, further: &[Option<Var>], seed: Option<Var>) -> Shapes {
    let parameters = signature.parameters.iter().zip(&function.parameters).zip(further);
    let known = parameters.flat_map(|((p, parameter), further)| {
        let shape = p.shape.as_ref().map(Shape::of);
        [Some(parameter.var), *further].into_iter().flatten().filter_map(move |var| Some((var, shape.clone()?)))
    });
    let result = signature.shape.as_ref().map(Shape::of);
    let results = [seed, function.result].into_iter().flatten().filter_map(|var| Some((var, result.clone()?)));
    Shapes::of(function, &[body], known.chain(results))
}

fn is_const_fused(signature: &Signature, sweeps: &Sweeps) -> bool {
    let Sweeps { function, body, seed, slots, .. } = sweeps;
    constant::is_possible(function, &shapes(signature, function, body, slots, Some(*seed)), body)
}

fn is_const_tangent(signature: &Signature, pushed: &Pushed) -> bool {
    let Pushed { function, body, dots, result, .. } = pushed;
    let shapes = shapes(signature, function, body, dots, None);
    constant::is_possible(function, &shapes, body)
        && result.as_ref().is_some_and(|result| constant::is_possible_result(function, &shapes, result))
}

/// Which entries are `const`.
#[derive(Clone, Copy, Default)]
pub(super) struct Constant {
    pub(super) fused: bool,
    tangent: bool,
}

impl Constant {
    /// The keyword of an entry, or of what calls nothing else.
    pub(super) fn keyword(self, name: &str) -> Option<TokenStream> {
        let is_const = match name {
            "fused" | "grad" | "value_and_grad" | "vjp" => self.fused,
            "tangent" | "jvp" => self.tangent,
            _ => false,
        };
        is_const.then(|| quote!(const))
    }
}

/// Writes the functions of one signature.
pub(super) struct Writer<'a> {
    pub(super) signature: &'a Signature,
    pub(super) runtime: &'a TokenStream,
    pub(super) names: Names,
    /// Whether the two halves apart need a heap where one go does not.
    pub(super) split_needs_heap: bool,
    /// Whether the backward half keeps what parameters by value borrow.
    pub(super) keeps_borrowed: bool,
    /// Whether the backward half reads nothing of a receiver by reference.
    pub(super) forgets_receiver: bool,
    /// How the derivatives are computed, where the macro decides it.
    pub(super) report: Option<Report>,
    /// Which entries are `const`.
    pub(super) constant: Constant,
}

impl Writer<'_> {
    /// What differentiable functions that call this one use.
    fn entries(&self, derivatives: Option<&Derivatives>, bodies: Option<&Bodies>) -> TokenStream {
        let mut entries = TokenStream::new();
        entries.extend(self.fused(derivatives));
        entries.extend(self.split(derivatives.map(|derivatives| &derivatives.reversed)));
        match bodies.and_then(|bodies| bodies.jvp) {
            Some(path) => entries.extend(self.given_tangent(Some(&path.to_token_stream()))),
            None => entries.extend(self.tangent(derivatives.map(|derivatives| &derivatives.pushed))),
        }
        if let Some(Derivatives { apart: Some(apart), together: Some(together), .. }) = derivatives {
            entries.extend(self.split_tangent(apart));
            entries.extend(self.fused_tangent(together));
        }
        entries.extend(self.is_second_order_without_bodies(derivatives).then(|| self.second_without_bodies()));
        entries.extend(self.before());
        entries
    }

    /// What has to be kept of the receiver, where it may change behind a call, for the backward half: nothing where the halves do that themselves.
    pub(super) fn before(&self) -> Option<TokenStream> {
        let receiver = self.parameters().find(|p| p.receiver && self.signature.member)?;
        let Signature { visibility, cfgs, .. } = self.signature;
        let (runtime, name) = (self.runtime, self.entry_name("before"));
        let kept = match receiver.passing {
            Passing::Mutable | Passing::Owned => quote!(#runtime::Nothing),
            Passing::Shared if self.forgets_receiver => quote!(#runtime::Nothing),
            Passing::Shared | Passing::Scalar => quote!(#runtime::Copied),
        };
        Some(quote!(#cfgs #[doc(hidden)] #[inline] #visibility const fn #name(&self) -> #kept { #kept }))
    }

    /// Whether the function has errors, and would have second derivatives without them.
    fn is_second_order_without_bodies(&self, derivatives: Option<&Derivatives>) -> bool {
        derivatives.is_none() && self.signature.second_order && !self.has_functions()
    }

    /// The functions in the type of the function's name; those of a member stand beside it.
    fn enclosed(&self, functions: TokenStream, pure_where: Option<&[TokenStream]>) -> TokenStream {
        let signature = self.signature;
        if signature.member {
            return functions;
        }
        let Signature { space, visibility, cfgs, name, .. } = signature;
        let mut space = space.clone();
        space.set_span(Span::mixed_site().located_at(space.span()));
        let active: Vec<_> = signature.parameters.iter().filter(|p| p.active).map(|p| format!("`{}`", p.name)).collect();
        let doc = format!(" The derivatives of [`{name}()`] with respect to {}.", active.join(", "));
        let is_pure = self.is_pure(pure_where);
        quote! {
            #cfgs
            #[doc = #doc]
            #visibility enum #space {}
            #cfgs
            impl #space { #is_pure #functions }
        }
    }

    /// The function itself, under the name of its derivatives.
    fn called(&self) -> TokenStream {
        let signature = self.signature;
        let (visibility, unsafety, output) = (&signature.visibility, self.unsafety(), &signature.output);
        let (generics, predicates, arguments) = (self.generics(), self.predicates(), &signature.generic_arguments);
        let (names, types) = (self.parameters().map(|p| &p.name), self.parameters().map(|p| &p.ty));
        let (declared, passed): (Vec<_>, Vec<_>) = names.zip(types).map(|(name, ty)| (quote!(#name: #ty), name)).unzip();
        let turbofish = (!arguments.is_empty()).then(|| quote!(::<#(#arguments),*>));
        let (original, constant) = (&signature.original, signature.is_const.then(|| quote!(const)));
        let docs = format!(" [`{original}()`], for functions that are differentiated themselves.");
        let call = self.unsafe_block(quote!(#original #turbofish(#(#passed),*)));
        let many = self.many_arguments("call");
        quote! {
            #[doc = #docs] #many #[inline] #visibility #constant #unsafety fn call #generics(#(#declared),*) -> #output #predicates { #call }
        }
    }

    /// Whether the function is pure, for loops that call it.
    fn is_pure(&self, pure_where: Option<&[TokenStream]>) -> TokenStream {
        let visibility = &self.signature.visibility;
        let is_pure = match pure_where {
            None => quote!(false),
            Some([]) => quote!(true),
            Some(callees) => {
                let callees = callees.iter().map(|path| calls::is_pure(path, self.signature.name.span(), self.runtime));
                quote!(#(#callees)&&*)
            }
        };
        let name = Ident::new(calls::IS_PURE, Span::mixed_site());
        quote!(#[doc(hidden)] #visibility const #name: bool = #is_pure;)
    }

    pub(super) fn slot_types(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let types = self.parameters().map(|p| {
            let inner = if p.active { p.inner.clone() } else { quote!(#runtime::OutsideWrt) };
            match p.passing {
                Passing::Mutable => quote!(&mut #inner),
                _ => quote!(::core::option::Option<&mut #inner>),
            }
        });
        types.collect()
    }

    /// The names under which a body knows the slots.
    pub(super) fn slot_names(&self, slots: &[Option<Var>], function: &Function) -> Vec<TokenStream> {
        let names = slots.iter().map(|slot| match slot {
            Some(slot) => {
                let Variable { name, form, .. } = function.variable(*slot);
                if *form == Form::Reference { name.to_token_stream() } else { quote!(mut #name) }
            }
            None => quote!(_),
        });
        names.collect()
    }

    pub(super) fn receiver_binding(&self) -> Option<TokenStream> {
        self.parameters().find(|p| p.receiver).map(|p| {
            let name = &p.name;
            let mutable = p.mutable.then(|| quote!(mut));
            quote!(let #mutable #name = self;)
        })
    }

    /// The same in a half of a call.
    pub(super) fn receiver_of_half(&self) -> Option<TokenStream> {
        let cloned = self.parameters().find(|p| is_cloned(p)).map(|p| {
            let (name, runtime) = (&p.name, self.runtime);
            let mutable = p.mutable.then(|| quote!(mut));
            quote!(let #mutable #name = #runtime::Clone::clone(self);)
        });
        cloned.or_else(|| self.receiver_binding())
    }

    /// What prints the blocks, behind which `kept` variables are used.
    pub(super) fn emitter<'b>(
        &'b self,
        function: &'b Function,
        blocks: &[&Block],
        dots: &[Option<Var>],
        kept: &BTreeSet<Var>,
    ) -> Emitter<'b> {
        let parameters = || function.parameters.iter();
        let primal_of_dot = parameters().zip(dots).filter_map(|(p, dot)| dot.map(|dot| (dot, p.var))).collect();
        let mut found = BTreeSet::new();
        blocks.iter().for_each(|block| truths(block, &mut found));
        let mut shapes_alone = BTreeSet::new();
        blocks.iter().for_each(|block| super::shapes_alone(block, &mut shapes_alone));
        Emitter {
            function,
            runtime: self.runtime,
            mutated: mutated(blocks),
            needed: moves::needed_after(function, blocks, &primal_of_dot),
            scopes: scopes::scopes(function, blocks, kept),
            references: RefCell::default(),
            on_tapes: RefCell::default(),
            held: RefCell::default(),
            primal_of_dot,
            slices: parameters().zip(self.parameters()).filter(|(_, p)| p.element.is_some()).map(|(p, _)| p.var).collect(),
            truths: found,
            shapes_alone,
            given_again_alone: given_again::alone(function, blocks),
            checks: false,
            second_order: self.signature.second_order,
            constant: false,
            apart: false,
            shapes: of_records(self.signature, function, blocks),
            made: None,
        }
    }

    pub(super) fn result(function: &Function) -> TokenStream {
        function.result.map_or_else(|| quote!(()), |result| function.variable(result).name.to_token_stream())
    }

    fn fused(&self, derivatives: Option<&Derivatives>) -> TokenStream {
        if let Some(derivatives) = derivatives {
            return self.both_sweeps("fused", &derivatives.fused, None);
        }
        let (runtime, output) = (self.runtime, &self.signature.output);
        let ((receiver, function, others), predicates, head) =
            (self.front("fused", true), self.predicates(), self.hidden_head("fused"));
        let slots = self.slot_types().into_iter().map(|ty| quote!(_: #ty));
        quote!(#head(#receiver #function #(#others,)* _: &#output, #(#slots),*) -> #output #predicates { #runtime::stub() })
    }

    /// An entry that runs both sweeps in a row.
    pub(super) fn both_sweeps(&self, entry: &str, sweeps: &Sweeps, made: Option<Var>) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let ((receiver, function, others), predicates, head) =
            (self.front(entry, true), self.predicates(), self.hidden_head(entry));
        let Sweeps { function: ir, body, seed, slots, .. } = sweeps;
        let constant = entry == "fused" && self.constant.fused;
        let mut emitter = Emitter { constant, made, ..self.emitter(ir, &[body], &[], &ir.result.into_iter().collect()) };
        if constant {
            emitter.shapes = shapes(self.signature, ir, body, slots, Some(*seed));
        }
        let (same, this) = (if constant { TokenStream::new() } else { self.same(ir) }, self.receiver_binding());
        let statements = emitter.block(body);
        let result = ir.result.map(|_| Self::result(ir));
        let seed = &ir.variable(*seed).name;
        let names = match constant {
            // the slots of constants are taken apart by patterns
            true => {
                slots.iter().map(|slot| slot.map_or_else(|| quote!(_), |slot| ir.variable(slot).name.to_token_stream())).collect()
            }
            false => self.slot_names(slots, ir),
        };
        let types = self.slot_types_of(slots, ir, made);
        let lengths = self.active().filter(|(_, p)| p.passing == Passing::Mutable && p.element.is_some()).map(|(index, p)| {
            let (adjoint, name, text) = (&names[index], &p.name, names[index].to_string());
            quote!(#runtime::same_length(#text, #name, #adjoint);)
        });
        let lengths: TokenStream = lengths.collect();
        let seed_type = self.seed_type();
        quote! {
            #head(#receiver #function #(#others,)* #seed: &#seed_type, #(#names: #types),*) -> #output #predicates {
                #same #this #lengths #statements #result
            }
        }
    }

    /// The type of what flows back. A reference to a `Vec` of which elements alone are read is one that lints would have a slice, by the name of its type.
    pub(super) fn seed_type(&self) -> TokenStream {
        let (output, runtime) = (&self.signature.output, self.runtime);
        let is_vector = syn::parse2(output.clone()).is_ok_and(|ty| is_vector(&ty));
        if is_vector { quote!(<#output as #runtime::Itself>::Type) } else { output.clone() }
    }

    /// The types of slots, of which some may be there in any case.
    fn slot_types_of(&self, slots: &[Option<Var>], function: &Function, made: Option<Var>) -> Vec<TokenStream> {
        let types = self.parameters().zip(self.slot_types()).zip(slots).map(|((p, ty), slot)| match slot {
            Some(slot) if made == Some(*slot) => {
                let (runtime, element) = (self.runtime, &p.element);
                quote!(&mut #runtime::Vec<#element>)
            }
            Some(slot) if function.variable(*slot).form == Form::Reference => {
                let inner = &p.inner;
                quote!(&mut #inner)
            }
            _ => ty,
        });
        types.collect()
    }

    /// The types of what the backward half is given again.
    pub(super) fn again_types(&self, second: bool) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let types = self.parameters().map(|p| {
            let inner = &p.inner;
            if let Some(callable) = &p.callable {
                return self.function_again(p, callable, second).1;
            }
            match p.passing {
                _ if p.receiver && self.forgets_receiver => quote!(#runtime::Kept),
                Passing::Scalar | Passing::Shared => quote!(&#inner),
                Passing::Owned | Passing::Mutable => quote!(#runtime::Kept),
            }
        });
        types.collect()
    }

    /// The names under which the backward half knows it.
    pub(super) fn again_names(&self, second: bool) -> Vec<TokenStream> {
        let names = self.parameters().map(|p| {
            let name = &p.name;
            if let Some(callable) = &p.callable {
                return self.function_again(p, callable, second).0;
            }
            match p.passing {
                _ if p.receiver && self.forgets_receiver => quote!(_),
                Passing::Scalar => quote!(&#name),
                Passing::Shared => name.to_token_stream(),
                Passing::Owned | Passing::Mutable => quote!(_),
            }
        });
        names.collect()
    }

    fn split(&self, reversed: Option<&Reversed>) -> TokenStream {
        let runtime = self.runtime;
        let output = &self.signature.output;
        let ((receiver, function, others), predicates, head) =
            (self.front("split", true), self.predicates_in("split"), self.hidden_head("split"));
        let types = self.slot_types();
        let again = self.again_types(false);
        let lifetime = self.back_lifetime();
        let back_type = quote!(impl ::core::ops::Fn(#(#again,)* &#output, #(#types),*) + #lifetime);
        let Some(reversed) = reversed else {
            let again = again.iter().map(|ty| quote!(_: #ty));
            let slots = types.iter().map(|ty| quote!(_: #ty));
            return quote! {
                #head(#receiver #function #(#others),*) -> (#output, #back_type) #predicates {
                    (#runtime::stub(), |#(#again,)* _: &#output, #(#slots),*| {})
                }
            };
        };
        let plan = save::plan(&reversed.function, &[], &reversed.forward, &reversed.backward, None);
        let mut backward = plan.repeated;
        backward.extend(reversed.backward.iter().cloned());
        if let Some(receiver) = receiver_by_reference(self.signature, &reversed.function).filter(|_| self.forgets_receiver) {
            backward.retain(|statement| !checks(statement, receiver));
        }
        let kept = reversed.function.result.into_iter().collect();
        let emitter = Emitter { apart: true, ..self.emitter(&reversed.function, &[&reversed.forward, &backward], &[], &kept) };
        let forward = emitter.block(&reversed.forward);
        let (left, backward) = emitter.handed_over(&plan.saved, &backward);
        let again_names = self.again_names(false);
        let (same, this) = (self.same(&reversed.function), self.receiver_of_half());
        let names = self.slot_names(&reversed.slots, &reversed.function);
        let seed = &reversed.function.variable(reversed.seed).name;
        let result = Self::result(&reversed.function);
        let references = self.function_references();
        // the closure where the result's type is known, which is then its own: cheaper for rustc than to find one and compare
        let split = quote! {
            #head(#receiver #function #(#others),*) -> (#output, #back_type) #predicates {
                #same #this #references #forward #left
                (#result, move |#(#again_names: #again,)* #seed: &#output, #(#names: #types),*| { #references #backward })
            }
        };
        if self.split_needs_heap { quote!(#runtime::with_alloc! { #split }) } else { split }
    }

    /// The types of the tangents.
    pub(super) fn dot_types(&self) -> Vec<TokenStream> {
        let runtime = self.runtime;
        let types = self.parameters().map(|p| {
            let inner = if p.active { p.inner.clone() } else { quote!(#runtime::OutsideWrt) };
            match p.passing {
                Passing::Mutable => quote!(&mut #inner),
                _ => quote!(::core::option::Option<&#inner>),
            }
        });
        types.collect()
    }

    fn tangent(&self, pushed: Option<&Pushed>) -> TokenStream {
        let runtime = self.runtime;
        let output = &self.signature.output;
        let ((receiver, function, others), predicates, head) =
            (self.front("tangent", true), self.predicates(), self.hidden_head("tangent"));
        let types = self.dot_types();
        let Some(pushed) = pushed else {
            let dots = types.iter().map(|ty| quote!(_: #ty));
            return quote!(#head(#receiver #function #(#others,)* #(#dots),*) -> (#output, #output) #predicates { #runtime::stub() });
        };
        let constant = self.constant.tangent;
        let mut emitter = Emitter {
            checks: true,
            constant,
            ..self.emitter(&pushed.function, &[&pushed.body], &pushed.dots, &pushed.results())
        };
        if constant {
            emitter.shapes = shapes(self.signature, &pushed.function, &pushed.body, &pushed.dots, None);
        }
        let (same, this) = (if constant { TokenStream::new() } else { self.same(&pushed.function) }, self.receiver_binding());
        let statements = emitter.block(&pushed.body);
        let names = pushed.dots.iter().map(|dot| match dot {
            Some(dot) => pushed.function.variable(*dot).name.to_token_stream(),
            None => quote!(_),
        });
        let results = self.with_tangent(pushed, &emitter);
        quote! {
            #head(#receiver #function #(#others,)* #(#names: #types),*) -> (#output, #output) #predicates {
                #same #this #statements #results
            }
        }
    }

    /// The value and its tangent; zeros of its shape are made before it is moved.
    pub(super) fn with_tangent(&self, pushed: &Pushed, emitter: &Emitter) -> TokenStream {
        let value = Self::result(&pushed.function);
        match &pushed.result {
            Some(result @ Value::ZerosLike(_)) => {
                let mut taken = pushed.function.taken.clone();
                let tangent = Ident::new(&taken.fresh("tangent"), self.signature.name.span());
                let zeros = emitter.value(result);
                quote!(let #tangent = #zeros; (#value, #tangent))
            }
            Some(result) => {
                let tangent = emitter.value(result);
                quote!((#value, #tangent))
            }
            None => quote!((#value, ())),
        }
    }
}

/// Whether the backward half reads nothing of a receiver by reference, but for its shape, which is the adjoint's wherever another function calls the half. The
/// tangent of the half reads what it is given in a way of its own.
fn forgets_receiver(signature: &Signature, reversed: &Reversed) -> bool {
    let Some(receiver) = receiver_by_reference(signature, &reversed.function) else { return false };
    let reads =
        |block: &Block| block.iter().any(|statement| !checks(statement, receiver) && uses::mentions(statement, receiver) > 0);
    let repeated = || save::plan(&reversed.function, &[], &reversed.forward, &reversed.backward, None).repeated;
    signature.member && !signature.second_order && !reads(&reversed.backward) && !reads(&repeated())
}

fn receiver_by_reference(signature: &Signature, function: &Function) -> Option<Var> {
    let mut parameters = signature.parameters.iter().zip(&function.parameters);
    parameters.find(|(p, _)| p.receiver && p.passing == Passing::Shared).map(|(_, parameter)| parameter.var)
}

/// Whether the statement compares the shape of an adjoint with that of the variable.
fn checks(statement: &Statement, var: Var) -> bool {
    matches!(statement, Statement::SameLength { primal, .. } if primal.root == var)
}

/// Whether one go needs no heap and two halves do: the function is then of use without a heap too, but for its callers.
fn needs_heap_apart(derivatives: &Derivatives) -> bool {
    grows(&derivatives.reversed.forward) && !grows(&derivatives.fused.body)
}

/// Whether a loop keeps a number of records that is known only at run time.
pub(super) fn grows(block: &Block) -> bool {
    block.iter().any(|statement| match statement {
        Statement::Loop(each) => {
            each.tape.as_ref().is_some_and(|tape| !tape.reads && tape.capacity.is_none()) || grows(&each.body)
        }
        Statement::Branch(branch) => branch.arms.iter().any(|arm| grows(&arm.body)),
        _ => false,
    })
}

/// The signature with parameters that closures may declare again, of which no lint warns.
fn declared_at_call_site(signature: &Signature) -> Signature {
    let mut signature = signature.clone();
    signature.parameters.iter_mut().for_each(|p| p.name.set_span(at_call_site(p.name.span())));
    signature
}
