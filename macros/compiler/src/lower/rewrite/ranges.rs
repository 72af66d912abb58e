//! Ranges with a name, as indices and in loops.
//!
//! *In:* `let body = 1..n; for i in body.clone() { .. } total(&x[body])`. *Out:* `let body = 1..n; for i in body.start..body.end { .. }
//! total(&x[body.start..body.end])`, since a range can be used only once, and loops over ranges and parts of sequences are told by their form. So are
//! the items of sequences of ranges: `for part in parts { total(&x[part.clone()]) }`.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, Type, parse_quote};

use crate::lower::facts::methods::is_adapter;
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::syntax::{element_type, elements, ends, strip};

/// Writes the ends of ranges into indices, in a body whose names are unique.
pub fn write_ends(block: &mut Block, names: &Names) {
    let mut inits = Inits::default();
    inits.visit_block(block);
    let mut items = Items { inits: &inits.0, names, found: BTreeSet::new() };
    items.visit_block(block);
    let items = items.found;
    Ends { inits: inits.0, items, names }.visit_block_mut(block);
}

/// What names begin with.
#[derive(Default)]
struct Inits(BTreeMap<String, Expr>);

impl Inits {
    fn bind(&mut self, pat: &Pat, init: &Expr) {
        match (pat, strip(init)) {
            (Pat::Ident(name), init) => _ = self.0.insert(name.ident.to_string(), init.clone()),
            (Pat::Tuple(pats), Expr::Tuple(inits)) if pats.elems.len() == inits.elems.len() => {
                pats.elems.iter().zip(&inits.elems).for_each(|(pat, init)| self.bind(pat, init));
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Inits {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.bind(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }
}

/// The names that items of sequences of ranges are bound with.
struct Items<'a> {
    inits: &'a BTreeMap<String, Expr>,
    names: &'a Names,
    found: BTreeSet<String>,
}

impl Items<'_> {
    /// Whether the iterator, or the sequence, gives ranges, by the type of the sequence or its elements; beside their numbers, where it counts them.
    fn gives_ranges(&self, iterator: &Expr) -> Option<bool> {
        match strip(iterator) {
            Expr::Reference(reference) => self.gives_ranges(&reference.expr),
            Expr::Array(array) => matches!(strip(array.elems.first()?), Expr::Range(_)).then_some(false),
            Expr::Path(path) => {
                let name = path.path.get_ident()?.to_string();
                match self.names.bindings.get(&name).and_then(|binding| binding.ty.as_ref()) {
                    Some(ty) => element_type(ty).is_some_and(|element| is_range(&element)).then_some(false),
                    None => match elements(strip(self.inits.get(&name)?)) {
                        Some(elements) => self.gives_ranges(elements),
                        None => self
                            .inits
                            .get(&name)
                            .filter(|init| matches!(init, Expr::Array(_)))
                            .and_then(|init| self.gives_ranges(init)),
                    },
                }
            }
            Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "iter" | "into_iter" | "copied" | "cloned" | "rev" | "skip" | "take" | "step_by" | "filter" | "inspect" => {
                    self.gives_ranges(&call.receiver)
                }
                "enumerate" => self.gives_ranges(&call.receiver).filter(|counted| !counted).map(|_| true),
                _ => None,
            },
            _ => None,
        }
    }

    fn bind(&mut self, pat: &Pat, iterator: &Expr) {
        let Some(counted) = self.gives_ranges(iterator) else { return };
        let item = match pat {
            Pat::Tuple(pair) if counted => pair.elems.last(),
            other if !counted => Some(other),
            _ => None,
        };
        if let Some(Pat::Ident(name)) = item {
            self.found.insert(name.ident.to_string());
        }
    }
}

impl<'ast> Visit<'ast> for Items<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.bind(&each.pat, &each.expr);
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if let ("map" | "flat_map" | "for_each" | "filter" | "inspect", Some(Expr::Closure(closure))) =
            (call.method.to_string().as_str(), call.args.first())
            && let Some(input) = closure.inputs.first()
        {
            self.bind(input, &call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn is_range(ty: &Type) -> bool {
    matches!(ty, Type::Path(ty) if ty.path.segments.last().is_some_and(|last| last.ident == "Range"))
}

/// One of the ranges that an expression chooses between, all of one type.
fn chosen(expr: &Expr) -> Option<&Expr> {
    ends(expr).into_iter().find_map(|end| match strip(end) {
        range @ Expr::Range(_) => Some(range),
        other => chosen(other),
    })
}

struct Ends<'a> {
    inits: BTreeMap<String, Expr>,
    /// Items of sequences of ranges.
    items: BTreeSet<String>,
    names: &'a Names,
}

impl Ends<'_> {
    fn binds_a_range(&self, pat: &Pat) -> bool {
        match pat {
            Pat::Tuple(pair) => pair.elems.last().is_some_and(|item| self.binds_a_range(item)),
            Pat::Ident(name) => self.items.contains(&name.ident.to_string()),
            _ => false,
        }
    }

    /// The range between the ends of a variable that is one.
    fn of(&self, index: &Expr) -> Option<Expr> {
        let named = strip(index);
        let Expr::Path(path) = named else { return None };
        let name = path.path.get_ident()?;
        let binding = self.names.bindings.get(&name.to_string())?;
        if binding.mutable {
            return self.of_changed(named, &name.to_string(), binding);
        }
        if self.items.contains(&name.to_string()) {
            return Some(parse_quote!(#named.start..#named.end));
        }
        let init = self.inits.get(&name.to_string()).map(strip);
        match (init.map(|init| chosen(init).unwrap_or(init)), binding) {
            (Some(Expr::Range(range)), _) if matches!(range.limits, syn::RangeLimits::HalfOpen(_)) => {
                match (&range.start, &range.end) {
                    (Some(_), Some(_)) => Some(parse_quote!(#named.start..#named.end)),
                    (Some(_), None) => Some(parse_quote!(#named.start..)),
                    (None, Some(_)) => Some(parse_quote!(..#named.end)),
                    (None, None) => None,
                }
            }
            (Some(Expr::Range(range)), _) => Some(match range.start {
                Some(_) => parse_quote!(*#named.start()..=*#named.end()),
                None => parse_quote!(..=#named.end),
            }),
            (_, Binding { ty: Some(ty), .. }) if is_range(ty) => Some(parse_quote!(#named.start..#named.end)),
            _ => None,
        }
    }
}

impl Ends<'_> {
    /// The same of one that changes: between its ends as they are then, where these say how far it is.
    fn of_changed(&self, named: &Expr, name: &str, binding: &Binding) -> Option<Expr> {
        let is_written = binding.ty.as_ref().is_some_and(is_range);
        let is_half_open = |range: &syn::ExprRange| {
            matches!(range.limits, syn::RangeLimits::HalfOpen(_)) && range.start.is_some() && range.end.is_some()
        };
        let begins = matches!(self.inits.get(name).map(strip), Some(Expr::Range(range)) if is_half_open(range));
        (is_written || begins).then(|| parse_quote!(#named.start..#named.end))
    }

    /// A range that changes, as an iterator that is lent: `&mut r`, and `r` itself where its ends do not say how far it is.
    fn lent(&self, iterator: &Expr) -> Option<Expr> {
        let (named, is_lent) = match strip(iterator) {
            Expr::Reference(reference) if reference.mutability.is_some() => (strip(&reference.expr), true),
            other => (other, false),
        };
        let Expr::Path(path) = named else { return None };
        let name = path.path.get_ident()?.to_string();
        self.names.bindings.get(&name).filter(|binding| binding.mutable)?;
        let Expr::Range(range) = strip(self.inits.get(&name)?) else { return None };
        let has_an_end = range.start.is_some() && range.end.is_some();
        let is_closed = matches!(range.limits, syn::RangeLimits::Closed(_));
        (has_an_end && (is_lent || is_closed)).then(|| parse_quote!(#named.by_ref()))
    }
}

/// The items by reference, as only their ends are used.
fn lend_items(iterator: &mut Expr) {
    match iterator {
        Expr::Path(_) | Expr::Array(_) => *iterator = parse_quote!(#iterator.iter()),
        Expr::Paren(paren) => lend_items(&mut paren.expr),
        Expr::MethodCall(call) if call.method == "into_iter" => {
            let sequence = &call.receiver;
            *iterator = parse_quote!(#sequence.iter());
        }
        Expr::MethodCall(call) if call.method == "copied" || call.method == "cloned" => {
            let mut items = (*call.receiver).clone();
            lend_items(&mut items);
            *iterator = items;
        }
        Expr::MethodCall(call) if call.method != "iter" => lend_items(&mut call.receiver),
        _ => {}
    }
}

impl VisitMut for Ends<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(call) = expr
            && call.method == "clone"
            && call.args.is_empty()
            && let Some(range) = self.of(&call.receiver)
        {
            *expr = parse_quote!((#range));
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if is_adapter(&call.method.to_string())
            && let Some(range) = self.of(&call.receiver).or_else(|| self.lent(&call.receiver))
        {
            *call.receiver = parse_quote!((#range));
        }
        if let Some(Expr::Closure(closure)) = call.args.first()
            && closure.inputs.first().is_some_and(|input| self.binds_a_range(input))
        {
            lend_items(&mut call.receiver);
        }
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut syn::ExprForLoop) {
        visit_mut::visit_expr_for_loop_mut(self, each);
        if let Some(range) = self.of(&each.expr).or_else(|| self.lent(&each.expr)) {
            *each.expr = range;
        }
        if self.binds_a_range(&each.pat) {
            lend_items(&mut each.expr);
        }
    }

    fn visit_expr_index_mut(&mut self, index: &mut syn::ExprIndex) {
        visit_mut::visit_expr_index_mut(self, index);
        if let Some(range) = self.of(&index.index) {
            *index.index = range;
        }
    }
}
