//! What the functions of derivatives take: names, generics, bounds and parameters of their heads, and how a wrapper calls an entry.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::VisitMut;

use crate::analysis::{borrowed, save};
use crate::diff::reverse::Reversed;
use crate::ir::names::Taken;
use crate::ir::{Function, Passing, Var};
use crate::signature::{ParameterSignature, Signature};

use super::entries::Writer;

/// Names of the parameters that derivatives have beside those of the function.
pub(super) struct Names {
    pub(super) seed: Ident,
    pub(super) function: Ident,
    pub(super) adjoints: Vec<Ident>,
    pub(super) tangents: Vec<Ident>,
    /// Of skipped fields, while derivatives run.
    pub(super) kept: Vec<Ident>,
}

impl Names {
    pub(super) fn new(signature: &Signature) -> Self {
        let parameters = signature.parameters.iter().map(|p| p.name.to_string());
        // wrappers pass the function on by its name
        let mut taken: Taken = parameters.chain([signature.original.to_string()]).collect();
        let mut fresh = |wish: String, span: Span| Ident::new(&taken.fresh(&wish), span);
        let shown = |p: &ParameterSignature| if p.receiver { "self".to_owned() } else { p.name.to_string() };
        let adjoints = signature.parameters.iter().map(|p| fresh(format!("d_{}", shown(p)), p.span)).collect();
        let tangents = signature.parameters.iter().map(|p| fresh(format!("{}_dot", shown(p)), p.span)).collect();
        let kept = signature.parameters.iter().map(|p| fresh(format!("{}_skipped", shown(p)), p.span)).collect();
        let span = signature.name.span();
        Self { kept, seed: fresh("seed".to_owned(), span), function: signature.itself.clone(), adjoints, tangents }
    }
}

impl Writer<'_> {
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
            None if self.keeps_borrowed && entry.starts_with("split") && borrows(p) => {
                let (name, ty) = (&p.name, with_lifetime(p, &self.back_lifetime().to_string()));
                let mutable = (body && p.mutable).then(|| quote!(mut));
                quote!(#mutable #name: #ty)
            }
            None => self.vector_by_another_name(p).unwrap_or(plain),
        });
        declared.collect()
    }

    /// A reference to a `Vec` of which an entry may only read elements, though the function asks for more: lints would have a slice.
    fn vector_by_another_name(&self, p: &ParameterSignature) -> Option<TokenStream> {
        if p.active || p.passing != Passing::Shared || !p.syntax.as_ref().is_some_and(is_vector) {
            return None;
        }
        let syn::Type::Reference(reference) = syn::parse2(p.ty.clone()).ok()? else { return None };
        let (name, inner, lifetime, runtime) = (&p.name, &p.inner, &reference.lifetime, self.runtime);
        let text = inner.to_string();
        let has_name = !text.contains(['&', '\'']) && !text.contains("impl ");
        has_name.then(|| quote!(#name: &#lifetime <#inner as #runtime::Itself>::Type))
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
    pub(super) fn passed(&self, entry: &str) -> Vec<TokenStream> {
        let plain = self.parameters().filter(|p| !p.receiver && p.callable.is_none()).map(|p| p.name.to_token_stream());
        let functions = self.parameters().filter_map(|p| Some(self.function_passed(p, p.callable.as_ref()?, entry)));
        plain.chain(functions).collect()
    }

    pub(super) fn generics(&self) -> TokenStream {
        let generics = &self.signature.generics;
        if generics.is_empty() { TokenStream::new() } else { quote!(<#(#generics),*>) }
    }

    /// The generics of an entry: the halves apart do not have the types of functions.
    pub(super) fn generics_in(&self, entry: &str) -> TokenStream {
        if !entry.starts_with("split") {
            return self.generics();
        }
        let borrowed = (self.keeps_borrowed && self.named_lifetime().is_none()).then(|| quote!('borrowed,));
        if !self.has_functions() {
            let generics = &self.signature.generics;
            return if borrowed.is_none() { self.generics() } else { quote!(<#borrowed #(#generics),*>) };
        }
        let is_function = self.begins_with_function_type();
        let generics = self.signature.generics.iter().filter(|generic| !is_function(generic));
        let (lifetimes, others): (Vec<_>, Vec<_>) = generics.partition(|generic| generic.to_string().starts_with('\''));
        quote!(<'function, #borrowed #(#lifetimes,)* #(#others),*>)
    }

    /// How long the backward half lives: as long as what it keeps of parameters by value.
    pub(super) fn back_lifetime(&self) -> TokenStream {
        match self.keeps_borrowed {
            false => quote!('static),
            true => self.named_lifetime().map_or_else(|| quote!('borrowed), ToTokens::into_token_stream),
        }
    }

    /// The one lifetime with a name in parameters by value.
    fn named_lifetime(&self) -> Option<syn::Lifetime> {
        let mut named = BTreeSet::new();
        for parameter in self.parameters().filter(|p| borrows(p)) {
            Lifetimes::of(parameter, |lifetime| named.extend(lifetime.clone()));
        }
        if named.len() == 1 { named.pop_first() } else { None }
    }

    fn begins_with_function_type(&self) -> impl Fn(&TokenStream) -> bool {
        let types = self.function_types();
        move |tokens| tokens.clone().into_iter().next().is_some_and(|first| types.contains(&first.to_string()))
    }

    pub(super) fn predicates(&self) -> TokenStream {
        where_clause(&self.signature.predicates)
    }

    /// The predicates of an entry.
    pub(super) fn predicates_in(&self, entry: &str) -> TokenStream {
        if !entry.starts_with("split") {
            return self.predicates();
        }
        where_clause(&self.predicates_apart())
    }

    /// The predicates of the halves apart.
    pub(super) fn predicates_apart(&self) -> Vec<TokenStream> {
        let is_function = self.begins_with_function_type();
        self.signature.predicates.iter().filter(|predicate| !is_function(predicate)).cloned().collect()
    }

    /// The function's generic arguments for an entry, and for the function that it is given.
    pub(super) fn arguments_in(&self, entry: &str) -> (TokenStream, TokenStream) {
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
    pub(super) fn many_arguments(&self, name: &str) -> Option<TokenStream> {
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
        if self.has_lifetimes() && !has_impl(signature) {
            // a bound would make its lifetimes part of the backward half
            let unsafety = self.unsafety();
            let name = if self.constant.keyword(entry).is_some() { quote!(_) } else { quote!(#name) };
            return Some(quote!(#name: #unsafety fn(#(#types),*) -> #output,));
        }
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

    fn has_lifetimes(&self) -> bool {
        self.signature.generics.iter().any(|generic| generic.to_string().starts_with('\''))
    }

    /// The function itself, where its name with its generic arguments is an expression of a type without lifetimes.
    pub(super) fn turbofished(&self) -> Option<TokenStream> {
        let signature = self.signature;
        if signature.member || signature.other_generics || signature.is_unsafe || self.has_lifetimes() {
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
                quote!(Self::#name(#function #own, #(#passed,)* #(#further),*))
            }
        }
    }

    pub(super) fn unsafe_block(&self, call: TokenStream) -> TokenStream {
        if self.signature.is_unsafe { quote!(unsafe { #call }) } else { call }
    }
}

pub(super) fn where_clause(predicates: &[TokenStream]) -> TokenStream {
    if predicates.is_empty() { TokenStream::new() } else { quote!(where #(#predicates),*) }
}

fn has_impl(signature: &Signature) -> bool {
    signature.parameters.iter().any(|p| p.ty.to_string().contains("impl "))
}

/// Whether the halves of a call clone the receiver, which the method takes by value: the caller gives it to the backward half again, and cannot see that
/// it is used up.
pub(super) fn is_cloned(parameter: &ParameterSignature) -> bool {
    parameter.receiver && parameter.active && parameter.passing == Passing::Owned
}

/// Whether a type is written as a `Vec`.
pub(super) fn is_vector(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec"))
}

/// Whether the backward half keeps what parameters by value borrow.
pub(super) fn keeps_borrowed(signature: &Signature, reversed: &Reversed) -> bool {
    let parameters = signature.parameters.iter().zip(&reversed.function.parameters);
    let borrowing: BTreeSet<Var> = parameters.filter(|(p, _)| borrows(p)).map(|(_, parameter)| parameter.var).collect();
    if borrowing.is_empty() {
        return false;
    }
    let plan = save::plan(&reversed.function, &[], &reversed.forward, &reversed.backward, None);
    let mut backward = plan.repeated;
    backward.extend(reversed.backward.iter().cloned());
    borrowed::is_kept(&reversed.function, &borrowing, &reversed.forward, &backward)
}

/// Whether the type of a parameter by value shows a lifetime.
pub(super) fn borrows(parameter: &ParameterSignature) -> bool {
    if parameter.active || parameter.receiver || parameter.callable.is_some() || parameter.passing != Passing::Owned {
        return false;
    }
    let mut found = false;
    Lifetimes::of(parameter, |_| found = true);
    found
}

/// The type of a parameter with one lifetime for all in it.
pub(super) fn with_lifetime(parameter: &ParameterSignature, lifetime: &str) -> TokenStream {
    let lifetime = syn::Lifetime::new(lifetime, Span::call_site());
    Lifetimes::of(parameter, |found| *found = Some(lifetime.clone()))
}

/// Goes through the lifetimes of a type, also those without a name.
struct Lifetimes<F>(F);

impl<F: FnMut(&mut Option<syn::Lifetime>)> Lifetimes<F> {
    fn of(parameter: &ParameterSignature, visit: F) -> TokenStream {
        let Ok(mut ty) = syn::parse2(parameter.ty.clone()) else { return parameter.ty.clone() };
        Self(visit).visit_type_mut(&mut ty);
        ty.into_token_stream()
    }
}

impl<F: FnMut(&mut Option<syn::Lifetime>)> VisitMut for Lifetimes<F> {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_") {
            reference.lifetime = None;
            self.0(&mut reference.lifetime);
        } else if let Some(lifetime) = &mut reference.lifetime {
            self.visit_lifetime_mut(lifetime);
        }
        self.visit_type_mut(&mut reference.elem);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut syn::Lifetime) {
        if lifetime.ident != "static" {
            let mut changed = Some(lifetime.clone()).filter(|lifetime| lifetime.ident != "_");
            self.0(&mut changed);
            *lifetime = changed.unwrap_or_else(|| lifetime.clone());
        }
    }

    /// The lifetimes of a function's parameters are its own.
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
}
