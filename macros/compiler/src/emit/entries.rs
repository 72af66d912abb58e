//! The associated functions of a differentiable function: public wrappers, and the hidden entries that other derivatives call.
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
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::analysis::{moves, save};
use crate::args::Args;
use crate::diff::forward::Pushed;
use crate::diff::fresh::Fresh;
use crate::diff::jacobian::Plan;
use crate::diff::reverse::{Reversed, Sweeps};
use crate::diff::{Derivatives, Second};
use crate::ir::{Block, Form, Function, Passing, Statement, Value, Var, Variable, fresh_name};
use crate::lower::signature::{ParameterSignature, Returns, Signature};
use crate::spans::{all_at_call_site, at_call_site, moved};

use super::docs::Report;
use super::layouts::{Shape, Shapes};
use super::{Emitter, constant, mutated, truths};

/// The bodies of the entries: none for a function with errors, whose derivatives only have signatures.
pub struct Bodies<'a> {
    /// The derivatives.
    pub derivatives: &'a Derivatives,
    /// A function that stands for the generated forward mode.
    pub jvp: Option<&'a syn::Path>,
    /// How the Jacobian is made.
    pub jacobian: Option<&'a Plan>,
}

/// Writes the derivatives of a function.
pub fn emit(signature: &Signature, bodies: Option<&Bodies>, runtime: &TokenStream) -> TokenStream {
    let signature = &declared_at_call_site(signature);
    let names = Names::new(signature);
    let derivatives = bodies.map(|bodies| bodies.derivatives);
    let split_needs_heap = derivatives.is_some_and(needs_heap_apart);
    let report = derivatives.map(|derivatives| Report::of(signature, derivatives));
    let constant = derivatives.filter(|_| constant::may_be(signature)).map_or_else(Constant::default, |derivatives| Constant {
        fused: is_const_fused(signature, &derivatives.fused),
        tangent: is_const_tangent(signature, &derivatives.pushed) && bodies.is_none_or(|bodies| bodies.jvp.is_none()),
    });
    let writer = Writer { signature, runtime, names, split_needs_heap, report, constant };
    let mut functions = TokenStream::new();
    if signature.returns == Returns::Scalar && !signature.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable) {
        let fresh = derivatives.and_then(|derivatives| derivatives.fresh.as_ref());
        functions.extend(writer.gradients(fresh.filter(|_| !writer.has_functions() && !constant.fused)));
    }
    functions.extend(writer.vjp());
    functions.extend(writer.jvp());
    functions.extend(writer.pullback());
    functions.extend(writer.jacobian(bodies.and_then(|bodies| bodies.jacobian)));
    // a `vjp` that the user gives says nothing of second derivatives
    let has_functions = writer.has_functions();
    let second = derivatives.and_then(|derivatives| derivatives.second.as_ref()).filter(|_| !has_functions);
    functions.extend(second.map(|second| writer.hvp(second)));
    functions.extend(second.and_then(|_| writer.hessian()));
    functions.extend(writer.entries(derivatives, bodies));
    let is_second_order = derivatives.is_some_and(|derivatives| derivatives.apart.is_some() && derivatives.together.is_some());
    functions.extend((is_second_order && !has_functions).then(|| writer.inside()));
    functions.extend(called_by_another_name(signature, |called| {
        let writer = Writer { signature: called, runtime, names: Names::new(called), split_needs_heap, report: None, constant };
        let mut functions = writer.called();
        functions.extend(writer.entries(derivatives, bodies));
        functions
    }));
    writer.enclosed(functions)
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
    let writer = Writer { signature, runtime, names: Names::new(signature), split_needs_heap: false, report: None, constant };
    let path = args.vjp.to_token_stream();
    let mut functions = TokenStream::new();
    if signature.returns == Returns::Scalar && !signature.parameters.iter().any(|p| p.active && p.passing == Passing::Mutable) {
        functions.extend(writer.gradients(None));
    }
    functions.extend(writer.vjp());
    functions.extend(args.jvp.is_some().then(|| writer.jvp()));
    functions.extend(writer.pullback());
    functions.extend(writer.jacobian(None));
    functions.extend(writer.given_fused(&path));
    functions.extend(writer.given_split(&path));
    functions.extend(writer.given_tangent(args.jvp.as_ref().map(ToTokens::to_token_stream).as_ref()));
    let twice = args.vjp.as_ref().filter(|_| args.second_order && args.jvp.is_some());
    functions.extend(twice.map(|path| writer.given_second(path)));
    functions.extend(called_by_another_name(signature, |called| {
        let constant = Constant::default();
        let writer =
            Writer { signature: called, runtime, names: Names::new(called), split_needs_heap: false, report: None, constant };
        let mut entries = writer.called();
        entries.extend(writer.given_fused(&path));
        entries.extend(writer.given_split(&path));
        entries.extend(writer.given_tangent(args.jvp.as_ref().map(ToTokens::to_token_stream).as_ref()));
        entries.extend(twice.map(|path| writer.given_second(path)));
        entries
    }));
    writer.enclosed(functions)
}

/// Names of the parameters that derivatives have beside those of the function.
pub(super) struct Names {
    pub(super) seed: Ident,
    pub(super) function: Ident,
    pub(super) adjoints: Vec<Ident>,
    pub(super) tangents: Vec<Ident>,
    /// Of skipped fields, while derivatives run.
    kept: Vec<Ident>,
}

impl Names {
    pub(super) fn new(signature: &Signature) -> Self {
        let mut taken: BTreeSet<String> = signature.parameters.iter().map(|p| p.name.to_string()).collect();
        let mut fresh = |wish: String, span: Span| Ident::new(&fresh_name(&mut taken, &wish), span);
        let shown = |p: &ParameterSignature| if p.receiver { "self".to_owned() } else { p.name.to_string() };
        let adjoints = signature.parameters.iter().map(|p| fresh(format!("d_{}", shown(p)), p.span)).collect();
        let tangents = signature.parameters.iter().map(|p| fresh(format!("{}_dot", shown(p)), p.span)).collect();
        let kept = signature.parameters.iter().map(|p| fresh(format!("{}_skipped", shown(p)), p.span)).collect();
        let span = signature.name.span();
        Self { kept, seed: fresh("seed".to_owned(), span), function: fresh("function".to_owned(), span), adjoints, tangents }
    }
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
    Shapes::of(function, body, known.chain(results))
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
    fused: bool,
    tangent: bool,
}

impl Constant {
    /// The keyword of an entry, or of what calls nothing else.
    fn keyword(self, name: &str) -> Option<TokenStream> {
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
        entries
    }

    /// The functions in the type of the function's name; those of a member stand beside it.
    fn enclosed(&self, functions: TokenStream) -> TokenStream {
        let signature = self.signature;
        if signature.member {
            return functions;
        }
        let Signature { space, visibility, cfgs, name, .. } = signature;
        let mut space = space.clone();
        space.set_span(Span::mixed_site().located_at(space.span()));
        let active: Vec<_> = signature.parameters.iter().filter(|p| p.active).map(|p| format!("`{}`", p.name)).collect();
        let doc = format!(" The derivatives of [`{name}()`] with respect to {}.", active.join(", "));
        quote! {
            #cfgs
            #[doc = #doc]
            #visibility enum #space {}
            #cfgs
            impl #space { #functions }
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

    pub(super) fn parameters(&self) -> impl Iterator<Item = &ParameterSignature> {
        self.signature.parameters.iter()
    }

    pub(super) fn active(&self) -> impl Iterator<Item = (usize, &ParameterSignature)> {
        self.signature.parameters.iter().enumerate().filter(|(_, p)| p.active)
    }

    /// The parameters as declared; in bodies with their `mut`.
    pub(super) fn declared(&self, body: bool) -> Vec<TokenStream> {
        self.parameters()
            .map(|p| {
                let (name, ty) = (&p.name, &p.ty);
                let mutable = (body && p.mutable).then(|| quote!(mut));
                let companion = p.callable.as_ref().and_then(|callable| self.companion(callable, &TokenStream::new()));
                if p.receiver { quote!(self: #ty) } else { quote!(#mutable #name: #ty #companion) }
            })
            .collect()
    }

    /// The same in a hidden entry, which takes functions with what the caller makes of them.
    pub(super) fn declared_in(&self, entry: &str, body: bool) -> Vec<TokenStream> {
        let declared = self.parameters().zip(self.declared(body)).map(|(p, plain)| match &p.callable {
            Some(callable) => self.function_in(p, callable, entry),
            None => plain,
        });
        declared.collect()
    }

    /// How an entry's head begins: the receiver; the function itself; the other parameters, functions last, so that the types of what closures
    /// are called with are known before them.
    pub(super) fn front(&self, entry: &str, body: bool) -> (Option<TokenStream>, Option<TokenStream>, Vec<TokenStream>) {
        let declared = self.declared_in(entry, body);
        let receiver = self.parameters().zip(&declared).find(|(p, _)| p.receiver);
        let receiver = receiver.map(|(p, tokens)| match body && entry.starts_with("split") && is_cloned(p) {
            true => quote!(&self,),
            false => quote!(#tokens,),
        });
        let others = self.parameters().zip(declared).filter(|(p, _)| !p.receiver);
        let (functions, plain): (Vec<_>, Vec<_>) = others.partition(|(p, _)| p.callable.is_some());
        let others = plain.into_iter().chain(functions).map(|(_, tokens)| tokens).collect();
        (receiver, self.function_parameter(entry), others)
    }

    /// The parameters passed on to an entry, functions last.
    fn passed(&self, entry: &str) -> Vec<TokenStream> {
        let plain = self.parameters().filter(|p| !p.receiver && p.callable.is_none()).map(|p| p.name.to_token_stream());
        let functions = self.parameters().filter_map(|p| Some(self.function_passed(p, p.callable.as_ref()?, entry)));
        plain.chain(functions).collect()
    }

    pub(super) fn generics(&self) -> TokenStream {
        let generics = &self.signature.generics;
        if generics.is_empty() { TokenStream::new() } else { quote!(<#(#generics),*>) }
    }

    /// The generics of an entry: the halves apart do not have the types of functions.
    fn generics_in(&self, entry: &str) -> TokenStream {
        if !self.has_functions() || !entry.starts_with("split") {
            return self.generics();
        }
        let is_function = self.begins_with_function_type();
        let generics = self.signature.generics.iter().filter(|generic| !is_function(generic));
        let (lifetimes, others): (Vec<_>, Vec<_>) = generics.partition(|generic| generic.to_string().starts_with('\''));
        quote!(<'function, #(#lifetimes,)* #(#others),*>)
    }

    fn begins_with_function_type(&self) -> impl Fn(&TokenStream) -> bool {
        let types = self.function_types();
        move |tokens| tokens.clone().into_iter().next().is_some_and(|first| types.contains(&first.to_string()))
    }

    pub(super) fn predicates(&self) -> TokenStream {
        let predicates = &self.signature.predicates;
        if predicates.is_empty() { TokenStream::new() } else { quote!(where #(#predicates),*) }
    }

    /// The predicates of an entry.
    pub(super) fn predicates_in(&self, entry: &str) -> TokenStream {
        if !entry.starts_with("split") {
            return self.predicates();
        }
        let is_function = self.begins_with_function_type();
        let predicates: Vec<_> = self.signature.predicates.iter().filter(|predicate| !is_function(predicate)).collect();
        if predicates.is_empty() { TokenStream::new() } else { quote!(where #(#predicates),*) }
    }

    /// The function's generic arguments for an entry, and for the function that it is given.
    fn arguments_in(&self, entry: &str) -> (TokenStream, TokenStream) {
        let arguments = &self.signature.generic_arguments;
        let types = self.function_types();
        let turbofish = |arguments: Vec<TokenStream>| match arguments.is_empty() {
            true => TokenStream::new(),
            false => quote!(::<#(#arguments),*>),
        };
        let is_function = |argument: &TokenStream| types.contains(&argument.to_string());
        if types.is_empty() {
            return (turbofish(arguments.clone()), turbofish(arguments.clone()));
        }
        let own: Vec<_> =
            arguments.iter().map(|argument| if is_function(argument) { quote!(_) } else { argument.clone() }).collect();
        // an entry has further types of its own for functions, which follow from the arguments
        let entry = match entry.starts_with("split") {
            true => arguments.iter().filter(|argument| !is_function(argument)).cloned().collect(),
            false => own.clone(),
        };
        (turbofish(entry), turbofish(own))
    }

    pub(super) fn public_name(&self, name: &str) -> Ident {
        let signature = self.signature;
        match signature.member {
            true => format_ident!("{}_{name}", signature.name),
            false => Ident::new(name, signature.name.span()),
        }
    }

    pub(super) fn entry_name(&self, entry: &str) -> Ident {
        let signature = self.signature;
        match signature.member {
            true => format_ident!("__differentiable_{}_{entry}", signature.name),
            false => Ident::new(&format!("__{entry}"), signature.name.span()),
        }
    }

    pub(super) fn unsafety(&self) -> Option<TokenStream> {
        self.signature.is_unsafe.then(|| quote!(unsafe))
    }

    /// Where a function takes more arguments than clippy lets pass, which reports in code of macros too.
    fn many_arguments(&self, name: &str) -> Option<TokenStream> {
        let (all, active) = (self.signature.parameters.len(), self.active().count());
        let count = match name {
            "vjp" => all + 1 + active,
            "jvp" | "hvp" => all + active,
            "fused_tangent" => 3 + 4 * all,
            entry if entry.ends_with("split") => 1 + all,
            entry if entry.ends_with("fused") => 2 + 2 * all,
            entry if entry.ends_with("tangent") => 1 + 2 * all,
            _ => all,
        };
        let companions = self.parameters().filter(|p| p.callable.as_ref().is_some_and(|callable| callable.carries)).count();
        (count + companions > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]))
    }

    /// The attributes and the head of a public function.
    pub(super) fn head(&self, name: &str, docs: &str, must_use: bool) -> TokenStream {
        self.head_with(name, docs, must_use, &self.generics())
    }

    /// The same with other generics.
    pub(super) fn head_with(&self, name: &str, docs: &str, must_use: bool, generics: &TokenStream) -> TokenStream {
        let (visibility, cfgs, unsafety) = (&self.signature.visibility, self.signature.cfgs.clone(), self.unsafety());
        let cfgs = self.signature.member.then_some(cfgs);
        let (many, constant) = (self.many_arguments(name), self.constant.keyword(name));
        let name = self.public_name(name);
        let must_use = must_use.then(|| quote!(#[must_use]));
        let docs = docs.split('\n');
        quote!(#cfgs #(#[doc = #docs])* #must_use #many #[inline] #visibility #constant #unsafety fn #name #generics)
    }

    pub(super) fn hidden_head(&self, entry: &str) -> TokenStream {
        let (visibility, cfgs, unsafety) = (&self.signature.visibility, self.signature.cfgs.clone(), self.unsafety());
        let cfgs = self.signature.member.then_some(cfgs);
        let (many, constant) = (self.many_arguments(entry), self.constant.keyword(entry));
        let name = self.entry_name(entry);
        let generics = self.generics_in(entry);
        quote!(#cfgs #[doc(hidden)] #many #[inline] #visibility #constant #unsafety fn #name #generics)
    }

    /// The parameter that takes the function itself, for the comparison of names.
    pub(super) fn function_parameter(&self, entry: &str) -> Option<TokenStream> {
        let signature = self.signature;
        if signature.member {
            return None;
        }
        let name = &self.names.function;
        if self.has_functions() && entry.starts_with("split") {
            // a type parameter would be part of the backward half
            let types = self.parameters().map(|p| match &p.callable {
                Some(callable) => self.function_dyn(p, callable),
                None => p.ty.clone(),
            });
            let (unsafety, output) = (self.unsafety(), &signature.output);
            return Some(quote!(#name: #unsafety fn(#(#types),*) -> #output,));
        }
        let types = self.parameters().map(|p| &p.ty);
        let output = &signature.output;
        let bound = match signature.is_unsafe || has_impl(signature) {
            true => TokenStream::new(),
            false => quote!(::core::ops::Fn(#(#types),*) -> #output +),
        };
        // a function with a parameter that may borrow is not compared: its type is not `'static`
        let lasting = (!signature.other_generics).then(|| quote!(+ 'static));
        let name = if self.constant.keyword(entry).is_some() { quote!(_) } else { quote!(#name) };
        Some(quote!(#name: impl #bound ::core::marker::Copy #lasting,))
    }

    /// Panics where a function in scope is not the one that it is taken for.
    pub(super) fn same(&self, body: &Function) -> TokenStream {
        let (own, stops) = (self.same_function(), self.stops(body));
        quote!(#own #stops)
    }

    /// Panics where a `stop_gradient` is another function.
    pub(super) fn stops(&self, body: &Function) -> TokenStream {
        let runtime = self.runtime;
        body.stops.iter().map(|path| quote!(#runtime::same_stop_gradient(&#path::<f64>);)).collect()
    }

    pub(super) fn same_function(&self) -> Option<TokenStream> {
        let (runtime, function, own) = (self.runtime, &self.names.function, self.turbofished()?);
        Some(quote!(#runtime::same(&#function, &#own);))
    }

    /// The function itself, where its name with its generic arguments is an expression of a type without lifetimes.
    pub(super) fn turbofished(&self) -> Option<TokenStream> {
        let signature = self.signature;
        let has_lifetimes = signature.generics.iter().any(|generic| generic.to_string().starts_with('\''));
        let hidden = self.parameters().any(|p| p.name == signature.name);
        if signature.member || signature.other_generics || signature.is_unsafe || has_lifetimes || hidden {
            return None;
        }
        let (name, arguments) = (&signature.name, &signature.generic_arguments);
        let turbofish = (!arguments.is_empty()).then(|| quote!(::<#(#arguments),*>));
        Some(quote!(#name #turbofish))
    }

    /// How a wrapper calls an entry.
    pub(super) fn entry_call(&self, entry: &str, further: &[TokenStream]) -> TokenStream {
        let signature = self.signature;
        let name = self.entry_name(entry);
        let passed = self.passed(entry);
        let (turbofish, own) = self.arguments_in(entry);
        let name = quote!(#name #turbofish);
        match (signature.receiver, signature.member) {
            (true, _) => quote!(self.#name(#(#passed,)* #(#further),*)),
            (false, true) => quote!(Self::#name(#(#passed,)* #(#further),*)),
            (false, false) => {
                let function = &signature.name;
                if self.parameters().any(|p| p.name == *function) {
                    return quote!({ use #function as callee; Self::#name(callee #own, #(#passed,)* #(#further),*) });
                }
                quote!(Self::#name(#function #own, #(#passed,)* #(#further),*))
            }
        }
    }

    pub(super) fn unsafe_block(&self, call: TokenStream) -> TokenStream {
        if self.signature.is_unsafe { quote!(unsafe { #call }) } else { call }
    }

    pub(super) fn gradient_type(&self) -> TokenStream {
        let runtime = self.runtime;
        let types: Vec<_> = self
            .active()
            .map(|(_, p)| match &p.element {
                Some(element) => quote!(#runtime::Vec<#element>),
                None => p.inner.clone(),
            })
            .collect();
        if types.len() == 1 { types[0].clone() } else { quote!((#(#types),*)) }
    }

    /// `grad` and `value_and_grad`.
    fn gradients(&self, fresh: Option<&Fresh>) -> TokenStream {
        let runtime = self.runtime;
        let output = &self.signature.output;
        let gradient = self.gradient_type();
        let (declared, predicates) = (self.declared(false), self.predicates());
        let adjoints: Vec<_> = self.active().map(|(i, _)| &self.names.adjoints[i]).collect();
        let zeros = self.active().map(|(i, p)| {
            let (adjoint, name) = (&self.names.adjoints[i], &p.name);
            let name = if p.receiver { quote!(self) } else { name.to_token_stream() };
            let place = if p.passing == Passing::Shared { name } else { quote!(&#name) };
            if let (true, Some(shape), None) = (self.constant.fused, &p.shape, &p.element) {
                let zeros = Shape::of(shape).zeros();
                return quote!(let mut #adjoint = #zeros;);
            }
            let zeros = self.zeros_of(p, &place);
            quote!(let mut #adjoint = #zeros;)
        });
        let zeros: TokenStream = zeros.collect();
        let result = if adjoints.len() == 1 { adjoints[0].to_token_stream() } else { quote!((#(#adjoints),*)) };
        let mut further = vec![quote!(&<#output as #runtime::Scalar>::ONE)];
        further.extend(self.slots_passed(|adjoint| quote!(&mut #adjoint)));
        if let Some(fresh) = fresh {
            let adjoint = &self.names.adjoints[fresh.parameter];
            further[1 + fresh.parameter] = quote!(&mut #adjoint);
        }
        let entry = if fresh.is_some() { "fresh_fused" } else { "fused" };
        let call = self.unsafe_block(self.entry_call(entry, &further));
        let fresh_entry = fresh.map(|fresh| self.both_sweeps("fresh_fused", &fresh.sweeps));
        let (kept, restored) = self.skipped_kept(|p, adjoint| {
            let borrow = p.passing != Passing::Mutable;
            if borrow { quote!(&mut #adjoint) } else { adjoint.to_token_stream() }
        });
        let listed = self.listed();
        let (function, vjp) = (&self.signature.name, self.public_name("vjp"));
        let shape = match (adjoints.len(), self.active().any(|(_, p)| p.element.is_some())) {
            (1, false) => "in the shape of the parameter",
            (1, true) => "a `Vec` as long as the slice",
            (_, false) => "a tuple of their shapes",
            (_, true) => "a tuple of their shapes, with a `Vec` for a slice",
        };
        let memory = fresh.map(|fresh| {
            let Fresh { sweeps, kept, .. } = fresh;
            format!(", but keeps `{}` of each iteration in the gradient", sweeps.function.variable(*kept).name)
        });
        let how = format!("{shape}.\n\n It costs what [`{vjp}`](Self::{vjp}) costs{}.", memory.unwrap_or_default());
        let value_docs = format!(" The value of `{function}`, and its gradient with respect to {listed}, {how}");
        let grad_docs = format!(" The gradient of `{function}` with respect to {listed}, {how}");
        let (value_head, grad_head) = (self.head("value_and_grad", &value_docs, true), self.head("grad", &grad_docs, true));
        let both = quote! {
            #grad_head(#(#declared),*) -> #gradient #predicates { #zeros #kept #call; #restored #result }
            #value_head(#(#declared),*) -> (#output, #gradient) #predicates {
                #zeros #kept
                let value = #call;
                #restored
                (value, #result)
            }
            #fresh_entry
        };
        let heap = self.active().any(|(_, p)| p.element.is_some()) || self.functions_need_heap();
        if heap { quote!(#runtime::with_alloc! { #both }) } else { both }
    }

    pub(super) fn listed(&self) -> String {
        let names: Vec<_> =
            self.active().map(|(_, p)| if p.receiver { "`self`".to_owned() } else { format!("`{}`", p.name) }).collect();
        names.join(", ")
    }

    /// What a wrapper passes for the slots.
    pub(super) fn slots_passed(&self, active: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        let runtime = self.runtime;
        self.parameters()
            .zip(&self.names.adjoints)
            .map(|(p, adjoint)| match (p.active, p.passing) {
                (true, Passing::Mutable) => adjoint.to_token_stream(),
                (true, _) => {
                    let adjoint = active(adjoint);
                    quote!(::core::option::Option::Some(#adjoint))
                }
                (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
                (false, _) => quote!(::core::option::Option::None),
            })
            .collect()
    }

    fn vjp(&self) -> TokenStream {
        let output = &self.signature.output;
        let (declared, predicates) = (self.declared(false), self.predicates());
        let seed = &self.names.seed;
        let (seed_parameter, seed_passed) = match self.signature.returns {
            Returns::Nothing => (None, quote!(&())),
            Returns::Scalar => (Some(quote!(#seed: #output,)), quote!(&#seed)),
            Returns::Space => (Some(quote!(#seed: &#output,)), seed.to_token_stream()),
        };
        let adjoints = self.active().map(|(i, p)| {
            let (adjoint, inner) = (&self.names.adjoints[i], &p.inner);
            quote!(#adjoint: &mut #inner)
        });
        let mut further = vec![seed_passed];
        further.extend(self.slots_passed(ToTokens::to_token_stream));
        let call = self.unsafe_block(self.entry_call("fused", &further));
        let mut docs = format!(
            " The value of `{}`; adds `seed` times its derivative to the adjoints of {}.",
            self.signature.name,
            self.listed()
        );
        if self.active().any(|(_, p)| p.passing == Passing::Mutable) {
            docs.push_str(
                "\n\n The adjoint of a `&mut` parameter holds the cotangent of what the function leaves there on entry, and of what it found on return.",
            );
        }
        if let Some(report) = &self.report {
            docs.push_str(&format!("\n\n {}", report.together));
        }
        docs.push_str(&self.panics("adjoint"));
        let head = self.head("vjp", &docs, false);
        let (kept, restored) = self.skipped_kept(|_, adjoint| adjoint.to_token_stream());
        let body = if kept.is_empty() { call } else { quote!(#kept let value = #call; #restored value) };
        let vjp = quote!(#head(#(#declared,)* #seed_parameter #(#adjoints),*) -> #output #predicates { #body });
        let runtime = self.runtime;
        if self.functions_need_heap() { quote!(#runtime::with_alloc! { #vjp }) } else { vjp }
    }

    /// When a derivative panics though the function does not.
    pub(super) fn panics(&self, what: &str) -> String {
        let slices = self.active().any(|(_, p)| p.element.is_some());
        let vectors = self.active().any(|(_, p)| p.element.is_none() && p.shape.is_none());
        let when = match (slices, vectors) {
            (false, false) => return String::new(),
            (true, false) => format!("the {what} of a slice has another length than the slice"),
            (false, true) => format!("a `Vec` in the {what} of a parameter has another length than in the parameter"),
            (true, true) => format!("the {what} of a slice, or a `Vec` in that of a parameter, has another length"),
        };
        format!("\n\n # Panics\n\n If {when}.")
    }

    /// Checks the lengths of directions.
    fn same_directions(&self, dots: impl Fn(usize) -> TokenStream) -> TokenStream {
        let runtime = self.runtime;
        let checks = self.active().filter(|(_, p)| p.shape.is_none()).map(|(index, p)| {
            let (text, dot) = (self.names.tangents[index].to_string(), dots(index));
            let primal = match p.passing {
                Passing::Mutable => {
                    let name = &p.name;
                    if p.receiver { quote!(&*self) } else { quote!(&*#name) }
                }
                _ => self.place_of(p),
            };
            match p.element {
                Some(_) => quote!(#runtime::same_length(#text, #primal, #dot);),
                None => {
                    let check = of_parameter(runtime, p.name.span(), "same_shape", &quote!(#primal, #dot, #text));
                    quote!(#check;)
                }
            }
        });
        checks.collect()
    }

    /// Zeros of the shape of a parameter.
    fn zeros_of(&self, p: &ParameterSignature, place: &TokenStream) -> TokenStream {
        let runtime = self.runtime;
        match p.element {
            Some(_) => quote!(#runtime::zeros_of_slice(#place)),
            None if p.scalars_alone => quote!(#runtime::zeros_like(#place)),
            None => of_parameter(runtime, p.name.span(), "zeros_like", place),
        }
    }

    /// The skipped fields of `from`, and what puts them, as `kept`, into `to`.
    fn hollow_and_restore(
        &self,
        p: &ParameterSignature,
        from: &TokenStream,
        to: &TokenStream,
        kept: &Ident,
    ) -> (TokenStream, TokenStream) {
        let runtime = self.runtime;
        let of = |function: &str, arguments: &TokenStream| of_parameter(runtime, p.name.span(), function, arguments);
        match p.element {
            Some(_) => (quote!(#runtime::hollow_slice(#from)), quote!(#runtime::restore_slice(#to, #kept))),
            None => (of("hollow", from), of("restore", &quote!(#to, #kept))),
        }
    }

    /// What stands around a backward sweep so that the skipped fields of adjoints stay as they are.
    pub(super) fn skipped_kept(
        &self,
        exclusive: impl Fn(&ParameterSignature, &Ident) -> TokenStream,
    ) -> (TokenStream, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for (index, p) in self.active().filter(|(_, p)| p.holds_structs) {
            let adjoint = &self.names.adjoints[index];
            let kept = &self.names.kept[index];
            let exclusive = exclusive(p, adjoint);
            let (hollow, restore) = self.hollow_and_restore(p, &exclusive, &exclusive, kept);
            before.extend(quote!(let #kept = #hollow;));
            after.extend(quote!(#restore;));
        }
        (before, after)
    }

    /// What stands before a forward sweep so that the skipped fields of a direction count as zero, and after it where the direction is taken
    /// back.
    fn skipped_cleared(&self) -> (TokenStream, TokenStream) {
        let runtime = self.runtime;
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for (index, p) in self.active().filter(|(_, p)| p.holds_structs) {
            let dot = &self.names.tangents[index];
            let own = &self.names.kept[index];
            let of = |function: &str, arguments: TokenStream| of_parameter(runtime, p.name.span(), function, &arguments);
            let (hollow, restore) = self.hollow_and_restore(p, &dot.to_token_stream(), &dot.to_token_stream(), own);
            before.extend(match (p.passing, &p.element) {
                (Passing::Mutable, None) => {
                    let clear = of("clear", quote!(#dot));
                    quote!(let #own = #hollow; #clear;)
                }
                (Passing::Mutable, Some(_)) => {
                    quote!(let #own = #hollow; #dot.iter_mut().for_each(#runtime::Parameter::clear);)
                }
                (Passing::Shared, None) => {
                    let direction = of("direction", quote!(#dot));
                    quote!(let #own = #direction; let #dot = #own.as_ref().unwrap_or(#dot);)
                }
                (Passing::Shared, Some(_)) => {
                    quote!(let #own = #runtime::direction_of_slice(#dot); let #dot = #own.as_ref().map_or(#dot, |#dot| &#dot[..]);)
                }
                _ => {
                    let clear = of("clear", quote!(&mut #dot));
                    quote!(let mut #dot = #dot; #clear;)
                }
            });
            after.extend((p.passing == Passing::Mutable).then(|| quote!(#restore;)));
        }
        (before, after)
    }

    fn jvp(&self) -> TokenStream {
        let output = &self.signature.output;
        let (declared, predicates) = (self.declared(false), self.predicates());
        let runtime = self.runtime;
        let dots = self.active().map(|(i, p)| {
            let (dot, inner) = (&self.names.tangents[i], &p.inner);
            match p.passing {
                Passing::Shared => quote!(#dot: &#inner),
                Passing::Mutable => quote!(#dot: &mut #inner),
                Passing::Scalar | Passing::Owned => quote!(#dot: #inner),
            }
        });
        let further: Vec<_> = self
            .parameters()
            .zip(&self.names.tangents)
            .map(|(p, dot)| match (p.active, p.passing) {
                (true, Passing::Shared) => quote!(::core::option::Option::Some(#dot)),
                (true, Passing::Mutable) => dot.to_token_stream(),
                (true, _) => quote!(::core::option::Option::Some(&#dot)),
                (false, Passing::Mutable) => quote!(&mut #runtime::OutsideWrt),
                (false, _) => quote!(::core::option::Option::None),
            })
            .collect();
        let call = self.unsafe_block(self.entry_call("tangent", &further));
        let (name, listed) = (&self.signature.name, self.listed());
        let mut docs = match self.signature.returns {
            Returns::Nothing => format!(" What `{name}` does, and its derivative along the tangents of {listed}."),
            _ => format!(" The value of `{name}`, and its derivative along the tangents of {listed}."),
        };
        if self.active().any(|(_, p)| p.passing == Passing::Mutable) {
            docs.push_str(
                "\n\n The tangent of a `&mut` parameter is that of what the function finds there, and then of what it leaves.",
            );
        }
        if self.report.is_some() {
            docs.push_str("\n\n Forward mode: each operation is followed by its tangent. Nothing is kept.");
        }
        docs.push_str(&self.panics("tangent"));
        let head = self.head("jvp", &docs, self.signature.returns != Returns::Nothing);
        let (cleared, restored) = self.skipped_cleared();
        let same = self.same_directions(|index| {
            let (dot, passing) = (&self.names.tangents[index], self.signature.parameters[index].passing);
            match passing {
                Passing::Owned => quote!(&#dot),
                Passing::Mutable => quote!(&*#dot),
                _ => dot.to_token_stream(),
            }
        });
        let cleared = quote!(#same #cleared);
        let jvp = match self.signature.returns {
            Returns::Nothing => quote!(#head(#(#declared,)* #(#dots),*) #predicates { #cleared #call; #restored }),
            _ if restored.is_empty() => {
                quote!(#head(#(#declared,)* #(#dots),*) -> (#output, #output) #predicates { #cleared #call })
            }
            _ => {
                quote!(#head(#(#declared,)* #(#dots),*) -> (#output, #output) #predicates { #cleared let both = #call; #restored both })
            }
        };
        if self.functions_need_heap() { quote!(#runtime::with_alloc! { #jvp }) } else { jvp }
    }

    pub(super) fn hvp_docs(&self) -> String {
        let how = match self.report {
            Some(_) => " Forward mode over reverse mode: what the gradient keeps is kept with its tangents.",
            None => "",
        };
        let name = &self.signature.name;
        format!(" The Hessian of `{name}` times a direction, in the shape of its gradient.{how}{}", self.panics("direction"))
    }

    /// The Hessian times a direction.
    fn hvp(&self, second: &Second) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let Second { pushed, seed, slots, slot_tangents, .. } = second;
        let function = &pushed.function;
        let name = |var: &Option<Var>| var.map(|var| function.variable(var).name.clone());
        let mut taken = function.taken.clone();
        let (mut parameters, mut storage, mut restored, mut results) =
            (Vec::new(), TokenStream::new(), TokenStream::new(), Vec::new());
        for (index, p) in self.active() {
            let (dot, inner, own) = (name(&pushed.dots[index]), &p.inner, &p.name);
            let shared = p.passing == Passing::Shared;
            parameters.push(if shared { quote!(#dot: &#inner) } else { quote!(#dot: #inner) });
            let own = if p.receiver { quote!(self) } else { own.to_token_stream() };
            let (place, direction) = if shared { (own, quote!(#dot)) } else { (quote!(&#own), quote!(&#dot)) };
            let zeros = self.zeros_of(p, &place);
            let mut fresh = |wish: &str| Ident::new(&fresh_name(&mut taken, wish), p.span);
            let (gradient, product) = (fresh("gradient"), fresh("product"));
            let (slot, slot_tangent) = (name(&slots[index]), name(&slot_tangents[index]));
            storage.extend(quote! {
                let (mut #gradient, mut #product) = (#zeros, #zeros);
                let (mut #slot, mut #slot_tangent) =
                    (::core::option::Option::Some(&mut #gradient), ::core::option::Option::Some(&mut #product));
            });
            if p.holds_structs {
                let (cleared, kept) = (fresh("direction"), fresh("skipped"));
                let (hollow, restore) = self.hollow_and_restore(p, &place, &quote!(&mut #product), &kept);
                let clear = match p.element {
                    Some(_) => quote!(#runtime::direction_of_slice(#direction)),
                    None => of_parameter(runtime, p.name.span(), "direction", &direction),
                };
                let part = if p.element.is_some() {
                    quote!(map_or(#direction, |#dot| &#dot[..]))
                } else {
                    quote!(unwrap_or(#direction))
                };
                storage.extend(quote! {
                    let #cleared = #clear;
                    let #dot = ::core::option::Option::Some(#cleared.as_ref().#part);
                    let #kept = #hollow;
                });
                restored.extend(quote!(#restore;));
            } else {
                storage.extend(quote!(let #dot = ::core::option::Option::Some(#direction);));
            }
            results.push(product);
        }
        let emitter = self.emitter(function, &[&pushed.body], &pushed.dots);
        let statements = emitter.block(&pushed.body);
        let (declared, predicates, gradient) = (self.declared(true), self.predicates(), self.gradient_type());
        let seed = &function.variable(*seed).name;
        let this = self.receiver_binding();
        let result = if results.len() == 1 { results[0].to_token_stream() } else { quote!((#(#results),*)) };
        let used = self.turbofished().map(|own| quote!(let _ = #own;));
        let head = self.head("hvp", &self.hvp_docs(), true);
        let same = self.same_directions(|index| {
            let dot = name(&pushed.dots[index]);
            if self.signature.parameters[index].passing == Passing::Owned { quote!(&#dot) } else { quote!(#dot) }
        });
        let body = quote! {
            #head(#(#declared,)* #(#parameters),*) -> #gradient #predicates {
                #used #same #storage #this
                let #seed = &<#output as #runtime::Scalar>::ONE;
                #statements
                #restored
                #result
            }
        };
        if self.active().any(|(_, p)| p.element.is_some()) { quote!(#runtime::with_alloc! { #body }) } else { body }
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

    pub(super) fn emitter<'b>(&'b self, function: &'b Function, blocks: &[&Block], dots: &[Option<Var>]) -> Emitter<'b> {
        let parameters = || function.parameters.iter();
        let mut found = BTreeSet::new();
        blocks.iter().for_each(|block| truths(block, &mut found));
        let mut shapes_alone = BTreeSet::new();
        blocks.iter().for_each(|block| super::shapes_alone(block, &mut shapes_alone));
        Emitter {
            function,
            runtime: self.runtime,
            mutated: mutated(blocks),
            needed: moves::needed_after(function, blocks),
            references: RefCell::default(),
            primal_of_dot: parameters().zip(dots).filter_map(|(p, dot)| dot.map(|dot| (dot, p.var))).collect::<BTreeMap<_, _>>(),
            slices: parameters().zip(self.parameters()).filter(|(_, p)| p.element.is_some()).map(|(p, _)| p.var).collect(),
            truths: found,
            shapes_alone,
            checks: false,
            second_order: self.signature.second_order,
            constant: false,
            shapes: Shapes::default(),
        }
    }

    pub(super) fn result(function: &Function) -> TokenStream {
        function.result.map_or_else(|| quote!(()), |result| function.variable(result).name.to_token_stream())
    }

    fn fused(&self, derivatives: Option<&Derivatives>) -> TokenStream {
        if let Some(derivatives) = derivatives {
            return self.both_sweeps("fused", &derivatives.fused);
        }
        let (runtime, output) = (self.runtime, &self.signature.output);
        let ((receiver, function, others), predicates, head) =
            (self.front("fused", true), self.predicates(), self.hidden_head("fused"));
        let slots = self.slot_types().into_iter().map(|ty| quote!(_: #ty));
        quote!(#head(#receiver #function #(#others,)* _: &#output, #(#slots),*) -> #output #predicates { #runtime::stub() })
    }

    /// An entry that runs both sweeps in a row.
    fn both_sweeps(&self, entry: &str, sweeps: &Sweeps) -> TokenStream {
        let (runtime, output) = (self.runtime, &self.signature.output);
        let ((receiver, function, others), predicates, head) =
            (self.front(entry, true), self.predicates(), self.hidden_head(entry));
        let Sweeps { function: ir, body, seed, slots, .. } = sweeps;
        let constant = entry == "fused" && self.constant.fused;
        let shapes = if constant { shapes(self.signature, ir, body, slots, Some(*seed)) } else { Shapes::default() };
        let emitter = Emitter { constant, shapes, ..self.emitter(ir, &[body], &[]) };
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
        let types = self.slot_types_of(slots, ir);
        let lengths = self.active().filter(|(_, p)| p.passing == Passing::Mutable && p.element.is_some()).map(|(index, p)| {
            let (adjoint, name, text) = (&names[index], &p.name, names[index].to_string());
            quote!(#runtime::same_length(#text, #name, #adjoint);)
        });
        let lengths: TokenStream = lengths.collect();
        quote! {
            #head(#receiver #function #(#others,)* #seed: &#output, #(#names: #types),*) -> #output #predicates {
                #same #this #lengths #statements #result
            }
        }
    }

    /// The types of slots, of which some may be there in any case.
    fn slot_types_of(&self, slots: &[Option<Var>], function: &Function) -> Vec<TokenStream> {
        let types = self.parameters().zip(self.slot_types()).zip(slots).map(|((p, ty), slot)| match slot {
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
        let back_type = quote!(impl ::core::ops::Fn(#(#again,)* &#output, #(#types),*) + 'static);
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
        let emitter = self.emitter(&reversed.function, &[&reversed.forward, &backward], &[]);
        let (forward, backward) = (emitter.block(&reversed.forward), emitter.block(&backward));
        let again_names = self.again_names(false);
        let (same, this) = (self.same(&reversed.function), self.receiver_of_half());
        let names = self.slot_names(&reversed.slots, &reversed.function);
        let seed = &reversed.function.variable(reversed.seed).name;
        let result = Self::result(&reversed.function);
        let references = self.function_references();
        // the closure where the result's type is known, which is then its own: cheaper for rustc than to find one and compare
        let split = quote! {
            #head(#receiver #function #(#others),*) -> (#output, #back_type) #predicates {
                #same #this #references #forward
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
        let shapes = match constant {
            true => shapes(self.signature, &pushed.function, &pushed.body, &pushed.dots, None),
            false => Shapes::default(),
        };
        let emitter = Emitter { checks: true, constant, shapes, ..self.emitter(&pushed.function, &[&pushed.body], &pushed.dots) };
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
                let tangent = Ident::new(&fresh_name(&mut taken, "tangent"), self.signature.name.span());
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

fn has_impl(signature: &Signature) -> bool {
    signature.parameters.iter().any(|p| p.ty.to_string().contains("impl "))
}

/// Whether the halves of a call clone the receiver, which the method takes by value: the caller gives it to the backward half again, and cannot see that
/// it is used up.
fn is_cloned(parameter: &ParameterSignature) -> bool {
    parameter.receiver && parameter.active && parameter.passing == Passing::Owned
}

/// A call of a function that all parameters have, at the place of the parameter.
pub(super) fn of_parameter(runtime: &TokenStream, span: Span, function: &str, arguments: &TokenStream) -> TokenStream {
    let function = Ident::new(function, Span::call_site());
    moved(all_at_call_site(quote!(#runtime::Parameter::#function(#arguments))), span)
}

/// The signature with parameters that closures may declare again, of which no lint warns.
fn declared_at_call_site(signature: &Signature) -> Signature {
    let mut signature = signature.clone();
    signature.parameters.iter_mut().for_each(|p| p.name.set_span(at_call_site(p.name.span())));
    signature
}
