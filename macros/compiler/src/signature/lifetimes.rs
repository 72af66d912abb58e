//! The lifetimes of a function's signature, without bounds between them.
//!
//! *In:* `fn f<'a, 'b: 'a, T: Real + 'a>(x: &'a [T], y: &'b [T]) -> T`. *Out:* `fn f<'a, T: Real>(x: &'a [T], y: &'a [T]) -> T`
//!
//! A lifetime with a bound, and one in a bound of a type, is part of every type that the function gives, so that a backward half could not outlive
//! what the forward half was given. Shared references live as long as one asks, so that those of the longer lifetime have the shorter one in
//! derivatives.

use std::borrow::Cow;
use std::collections::BTreeMap;

use syn::visit_mut::VisitMut;
use syn::{GenericParam, ItemFn, Lifetime, TypeParamBound, WherePredicate};

/// The function in which each lifetime that is bounded by another has the name of that one, in the signature and in the body.
pub fn unified(function: &ItemFn) -> Cow<'_, ItemFn> {
    if function.sig.generics.lifetimes().next().is_none() {
        return Cow::Borrowed(function);
    }
    let mut function = function.clone();
    unify(&mut function);
    Cow::Owned(function)
}

fn unify(function: &mut ItemFn) {
    let mut shorter = BTreeMap::new();
    for lifetime in function.sig.generics.lifetimes() {
        shorter.extend(lifetime.bounds.first().map(|bound| (lifetime.lifetime.clone(), bound.clone())));
    }
    for predicate in function.sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Lifetime(predicate) = predicate {
            shorter.extend(predicate.bounds.first().map(|bound| (predicate.lifetime.clone(), bound.clone())));
        }
    }
    let generics = &mut function.sig.generics;
    for param in &mut generics.params {
        match param {
            GenericParam::Lifetime(param) => param.bounds.clear(),
            GenericParam::Type(param) => param.bounds = without_lifetimes(&param.bounds),
            GenericParam::Const(_) => {}
        }
    }
    let is_left = |param: &GenericParam| !matches!(param, GenericParam::Lifetime(param) if shorter.contains_key(&param.lifetime));
    generics.params = generics.params.iter().filter(|param| is_left(param)).cloned().collect();
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = clause.predicates.iter().filter(|one| !matches!(one, WherePredicate::Lifetime(_))).cloned().collect();
        for predicate in &mut clause.predicates {
            if let WherePredicate::Type(predicate) = predicate {
                predicate.bounds = without_lifetimes(&predicate.bounds);
            }
        }
    }
    Shorter(shorter).visit_item_fn_mut(function);
}

type Bounds = syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>;

fn without_lifetimes(bounds: &Bounds) -> Bounds {
    bounds.iter().filter(|bound| !matches!(bound, TypeParamBound::Lifetime(bound) if bound.ident != "static")).cloned().collect()
}

struct Shorter(BTreeMap<Lifetime, Lifetime>);

impl VisitMut for Shorter {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        // each is passed once at most, also where bounds go in a circle
        for _ in 0..self.0.len() {
            match self.0.get(lifetime) {
                Some(shorter) => lifetime.ident = syn::Ident::new(&shorter.ident.to_string(), lifetime.ident.span()),
                None => break,
            }
        }
    }

    fn visit_label_mut(&mut self, _: &mut syn::Label) {}

    fn visit_expr_break_mut(&mut self, exit: &mut syn::ExprBreak) {
        exit.expr.iter_mut().for_each(|value| self.visit_expr_mut(value));
    }

    fn visit_expr_continue_mut(&mut self, _: &mut syn::ExprContinue) {}

    /// Its lifetimes are its own.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
