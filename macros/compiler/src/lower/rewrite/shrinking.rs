//! Slices that lose their first elements, as positions in what they were cut from.
//!
//! ```text
//! let mut rest = &x[..];                                  ⟶  let mut at = 0;
//! let mut rest = &x[1..];                                 ⟶  let x = &x[1..]; let mut at = 0;
//! while let [first, tail @ ..] = rest { ..; rest = tail; }  ⟶  while let [first, tail @ ..] = &x[at..] { ..; at = x.len() - tail.len(); }
//! rest = &rest[2..];                                      ⟶  at = at + 2;
//! ```
//!
//! *In:* a body with unique names. *Out:* the same, in which no reference to something active is made to name another part, where each part is a tail of
//! the one before. What is cut is borrowed as long as it is used.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, LitInt, Local, Pat, RangeLimits, Stmt, parse_quote};

use crate::ir::names::mentions;
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::syntax::{is_rest, is_variable, strip, without_reference};

/// Whether there may be one.
pub fn any(block: &Block, names: &Names) -> bool {
    !candidates(block, names).is_empty()
}

/// Writes those of what `is_active` as positions.
pub fn write_out(block: &mut Block, is_active: &dyn Fn(&Expr) -> bool, names: &mut Names) {
    for (name, whole) in candidates(block, names) {
        if !is_active(&whole) {
            continue;
        }
        let at = names.declare("at", Binding { mutable: true, ..Binding::default() });
        let mut tails = Tails { name: &name, found: BTreeSet::new() };
        tails.visit_block(block);
        let mut written = block.clone();
        let (named, whole) = match strip(&whole) {
            Expr::Path(_) => (None, whole),
            // a place that is not a name alone has one for as long as its parts are used
            place => {
                let sequence = names.declare("sequence", Binding::default());
                (Some(parse_quote!(let #sequence = &#place;)), parse_quote!(#sequence))
            }
        };
        let (part, at) = (parse_quote!((&#whole[#at..])), parse_quote!(#at));
        Written { name: &name, named, whole: &whole, part, at, tails: &tails.found }.visit_block_mut(&mut written);
        if !mentions(&written, &name) {
            *block = written;
        }
    }
}

/// The variables that are assigned a tail of what they name, with what they name first: a variable, or a part of one.
fn candidates(block: &Block, names: &Names) -> Vec<(String, Expr)> {
    struct Find<'a> {
        begins: BTreeMap<String, Expr>,
        assigned: Vec<String>,
        names: &'a Names,
        parts: Parts,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        fn visit_local(&mut self, local: &'ast Local) {
            visit::visit_local(self, local);
            if let (Some(name), Some(init)) = (declared(local), &local.init)
                && self.names.bindings.get(&name).is_some_and(|binding| binding.mutable)
                && let Some(whole) = whole(&init.expr, self.names, &self.parts.0)
            {
                self.begins.insert(name, whole.clone());
            }
        }

        fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
            visit::visit_expr_assign(self, assign);
            if let Expr::Path(path) = strip(&assign.left) {
                self.assigned.extend(path.path.get_ident().map(ToString::to_string));
            }
        }
    }
    let mut parts = Parts::default();
    parts.visit_block(block);
    let mut find = Find { begins: BTreeMap::new(), assigned: Vec::new(), names, parts };
    find.visit_block(block);
    let assigned = find.assigned;
    find.begins.into_iter().filter(|(name, _)| assigned.contains(name)).collect()
}

fn declared(local: &Local) -> Option<String> {
    let pat = match &local.pat {
        Pat::Type(typed) if matches!(*typed.ty, syn::Type::Reference(_)) => &*typed.pat,
        pat => pat,
    };
    match pat {
        Pat::Ident(name) if name.by_ref.is_none() => Some(name.ident.to_string()),
        _ => None,
    }
}

/// The place of which the expression refers to all elements: `x` of `&x[..]`, `x[1..]` of `&x[1..]`, or a slice by its name.
fn whole<'e>(expr: &'e Expr, names: &Names, parts: &BTreeSet<String>) -> Option<&'e Expr> {
    if let Expr::Path(path) = strip(expr) {
        let name = path.path.get_ident()?.to_string();
        let binding = names.bindings.get(&name)?;
        let is_slice = match binding.ty.as_ref() {
            Some(syn::Type::Reference(reference)) => matches!(*reference.elem, syn::Type::Slice(_)),
            Some(ty) => matches!(ty, syn::Type::Slice(_)),
            None => parts.contains(&name),
        };
        return (is_slice && !binding.mutable).then_some(expr);
    }
    let Expr::Reference(reference) = strip(expr) else { return None };
    let Expr::Index(index) = strip(&reference.expr) else { return None };
    let Expr::Range(range) = strip(&index.index) else { return None };
    let is_place = matches!(strip(&index.expr), Expr::Path(_) | Expr::Field(_) | Expr::Index(_));
    let place = match (&range.start, &range.end) {
        (None, None) => &*index.expr,
        _ => strip(&reference.expr),
    };
    (reference.mutability.is_none() && is_place).then_some(place)
}

/// The names of parts of slices: `&x[1..]`, and what patterns name the rest.
#[derive(Default)]
struct Parts(BTreeSet<String>);

impl<'ast> Visit<'ast> for Parts {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_pat_slice(&mut self, slice: &'ast syn::PatSlice) {
        for part in slice.elems.iter().filter(|part| is_rest(part)) {
            if let Pat::Ident(name) = part {
                self.0.insert(name.ident.to_string());
            }
        }
        visit::visit_pat_slice(self, slice);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        let is_part = |init: &Expr| {
            matches!(strip(init), Expr::Reference(reference)
                if reference.mutability.is_none() && matches!(strip(&reference.expr), Expr::Index(index) if matches!(strip(&index.index), Expr::Range(_))))
        };
        if let (Some(name), Some(init)) = (declared(local), &local.init)
            && is_part(&init.expr)
        {
            self.0.insert(name);
        }
        visit::visit_local(self, local);
    }
}

/// What patterns name the rest of a slice.
struct Tails<'a> {
    name: &'a str,
    found: BTreeSet<String>,
}

impl Tails<'_> {
    fn bind(&mut self, pat: &Pat, expr: &Expr) {
        let is_it = |expr: &Expr| is_variable(without_reference(expr), self.name);
        match (pat, strip(expr)) {
            (Pat::Slice(slice), expr) if is_it(expr) => {
                if let Some(Pat::Ident(rest)) = slice.elems.last().filter(|last| is_rest(last)) {
                    self.found.insert(rest.ident.to_string());
                }
            }
            (Pat::TupleStruct(some), Expr::MethodCall(call)) if call.method == "split_first" && is_it(&call.receiver) => {
                if let Some(Pat::Tuple(pair)) = some.elems.first()
                    && let Some(Pat::Ident(rest)) = pair.elems.last()
                {
                    self.found.insert(rest.ident.to_string());
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Tails<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.bind(&condition.pat, &condition.expr);
        visit::visit_expr_let(self, condition);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            self.bind(&local.pat, &init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        choice.arms.iter().for_each(|arm| self.bind(&arm.pat, &choice.expr));
        visit::visit_expr_match(self, choice);
    }
}

struct Written<'a> {
    name: &'a str,
    /// What gives the whole a name.
    named: Option<Stmt>,
    part: Expr,
    at: Expr,
    whole: &'a Expr,
    tails: &'a BTreeSet<String>,
}

impl Written<'_> {
    fn is_it(&self, expr: &Expr) -> bool {
        is_variable(expr, self.name)
    }

    /// Where an assigned part begins: a tail has the same end as the whole, whatever was assigned since it was named.
    fn begin(&self, right: &Expr) -> Option<Expr> {
        let (at, whole) = (&self.at, self.whole);
        match strip(right) {
            Expr::Path(path) => {
                let tail = path.path.get_ident().filter(|name| self.tails.contains(&name.to_string()))?;
                Some(parse_quote!((#whole.len() - #tail.len())))
            }
            Expr::Reference(reference) => {
                let Expr::Index(index) = strip(&reference.expr) else { return None };
                let Expr::Range(range) = strip(&index.index) else { return None };
                let is_tail = self.is_it(&index.expr) && range.end.is_none() && matches!(range.limits, RangeLimits::HalfOpen(_));
                let start = range.start.as_deref().filter(|_| is_tail)?;
                Some(parse_quote!((#at + #start)))
            }
            _ => None,
        }
    }
}

impl VisitMut for Written<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let mut before = None;
        for (index, stmt) in block.stmts.iter_mut().enumerate() {
            if let Stmt::Local(local) = stmt
                && declared(local).is_some_and(|name| name == self.name)
            {
                let (at, zero) = (&self.at, LitInt::new("0usize", local.let_token.span));
                *stmt = parse_quote!(let mut #at = #zero;);
                before = self.named.take().map(|named| (index, named));
            }
        }
        if let Some((index, named)) = before {
            block.stmts.insert(index, named);
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Assign(assign) = expr
            && self.is_it(&assign.left)
            && let Some(begin) = self.begin(&assign.right)
        {
            let at = &self.at;
            *expr = parse_quote!(#at = #begin);
        }
        if self.is_it(expr) {
            *expr = self.part.clone();
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}
