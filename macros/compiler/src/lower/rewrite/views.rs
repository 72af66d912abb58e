//! References into memory of the function's own that is filled before they are made, and left alone after.
//!
//! *In:* `let mut order = ..; order.sort(); let keep = &order[1..n]; for k in keep { .. }`. *Out:* `keep`: the backward half of the function makes the
//! same reference once more, to the memory that it keeps, as it could not keep the reference.
//!
//! A part of what changes later is copied where the reference is made, and the copy is referred to wherever the reference is. Nothing can change
//! the part as long as it is referred to.
//!
//! What changes a variable is known by its form: a store, `&mut`, a macro, or a method that is none of those that are known to look only.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, Stmt};

use crate::lower::facts::destructors::gives_a_guard;
use crate::lower::facts::flow::looks;
use crate::lower::facts::names::{Binding, Names, variables};
use crate::lower::facts::repeatable::is_repeatable;
use crate::lower::facts::stores::{only_looks, stored_by};
use crate::lower::facts::syntax::{first_span, pattern_names, strip};

/// The variables that are such references.
pub fn lasting(block: &Block) -> BTreeSet<String> {
    let mut uses = Uses::default();
    uses.visit_block(block);
    let lasts = |view: &&View| view.of.iter().all(|name| !uses.changes_after(name, view));
    uses.views.iter().filter(lasts).flat_map(|view| view.names.clone()).collect()
}

/// Writes the references out that cannot be made once more: to inactive memory that changes later, of which the part is copied, and to memory of an
/// iteration of its own; a reference to all of a place that changes later is written as that place. Whether there was one. The lists that are `moved` away are gone later.
pub fn write_out(
    block: &mut Block,
    is_active: &dyn Fn(&str) -> bool,
    moved: &BTreeSet<String>,
    names: &mut Names,
    runtime: &TokenStream,
) -> bool {
    let mut uses = Uses::default();
    uses.visit_block(block);
    moved.iter().for_each(|name| uses.changes.entry(name.clone()).or_default().push(usize::MAX));
    let mut written = Written { copied: BTreeMap::new(), parts: BTreeMap::new(), guards: &uses.guards, runtime };
    for view in &uses.views {
        let ([name], Some(part)) = (view.names.as_slice(), &view.part) else { continue };
        if uses.in_macros.contains(name) || view.of.iter().chain([name]).any(|name| is_active(name)) {
            continue;
        }
        if let Some(root) = &view.whole {
            let changes = |of: &String| uses.changes_after(of, view);
            let is_own = names.bindings.get(root).is_some_and(|binding| binding.mutable);
            if is_own && changes(root) && !view.of.iter().any(|of| of != root && changes(of)) {
                written.parts.insert(name.clone(), syn::parse_quote!((#part)));
            }
        } else if view.of.iter().any(|of| uses.changes_after(of, view)) {
            let kept = Ident::new(&names.taken.fresh(&format!("kept_{name}")), first_span(part));
            names.bindings.insert(kept.to_string(), Binding::default());
            written.copied.insert(name.clone(), kept.clone());
            written.parts.insert(name.clone(), syn::parse_quote!((&#kept)));
        } else if view.of.iter().any(|of| uses.is_of_an_iteration(of, view)) {
            written.parts.insert(name.clone(), syn::parse_quote!((#part)));
        }
    }
    written.visit_block_mut(block);
    !written.parts.is_empty()
}

/// What stands for references.
struct Written<'a> {
    /// The copies of what they refer to.
    copied: BTreeMap<String, Ident>,
    parts: BTreeMap<String, Expr>,
    guards: &'a BTreeSet<String>,
    runtime: &'a TokenStream,
}

impl VisitMut for Written<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        for mut stmt in std::mem::take(&mut block.stmts) {
            let name = declared(&stmt).map(ToString::to_string).filter(|name| self.parts.contains_key(name));
            self.visit_stmt_mut(&mut stmt);
            match (name.as_ref().and_then(|name| self.copied.get(name)), &stmt) {
                (Some(kept), Stmt::Local(local)) => {
                    let init = local.init.as_ref().map(|init| &*init.expr);
                    let lent = init.and_then(|init| lent_by(init, self.guards));
                    let (runtime, part) = (self.runtime, lent.as_ref().or(init));
                    block.stmts.push(syn::parse_quote!(let #kept = #runtime::kept(#part);));
                }
                _ if name.is_some() => {}
                _ => block.stmts.push(stmt),
            }
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Path(path) = expr
            && let Some(part) = path.path.get_ident().and_then(|name| self.parts.get(&name.to_string()))
        {
            *expr = part.clone();
        }
    }
}

/// The variable that a statement declares by its plain name.
fn declared(stmt: &Stmt) -> Option<&Ident> {
    let Stmt::Local(local) = stmt else { return None };
    let pat = match &local.pat {
        Pat::Type(typed) => &typed.pat,
        pat => pat,
    };
    match pat {
        Pat::Ident(name) => Some(&name.ident),
        _ => None,
    }
}

/// A reference, where it stands.
struct View {
    names: Vec<String>,
    of: BTreeSet<String>,
    /// The part of a sequence that it refers to, or all of a place.
    part: Option<Expr>,
    /// The variable that the place is of, where it is all of it.
    whole: Option<String>,
    at: usize,
    /// Where the loops around it begin.
    loops: Vec<usize>,
}

#[derive(Default)]
struct Uses {
    /// How many places of the body were seen so far.
    at: usize,
    loops: Vec<usize>,
    closures: usize,
    declared: BTreeMap<String, usize>,
    changes: BTreeMap<String, Vec<usize>>,
    /// What macros mention.
    in_macros: BTreeSet<String>,
    views: Vec<View>,
    /// What cells and locks lend.
    guards: BTreeSet<String>,
}

impl Uses {
    /// Whether the variable may be changed after the reference is made: further down, or in the next iteration of a loop.
    fn changes_after(&self, name: &str, view: &View) -> bool {
        let declared = self.declared.get(name).copied().unwrap_or(0);
        let from = view.loops.iter().copied().find(|start| declared < *start).unwrap_or(view.at);
        self.changes.get(name).is_some_and(|changes| changes.iter().any(|at| *at > from))
    }

    /// Whether the variable is declared inside of a loop in which the reference is made.
    fn is_of_an_iteration(&self, name: &str, view: &View) -> bool {
        let declared = self.declared.get(name).copied().unwrap_or(0);
        view.loops.first().is_some_and(|start| *start <= declared)
    }

    fn change(&mut self, place: &Expr) {
        match place {
            Expr::Path(path) => {
                let at = if self.closures > 0 { usize::MAX } else { self.at };
                let name = path.path.get_ident().map(ToString::to_string);
                name.into_iter().for_each(|name| self.changes.entry(name).or_default().push(at));
            }
            Expr::Field(field) => self.change(&field.base),
            Expr::Index(index) => self.change(&index.expr),
            Expr::Unary(unary) => self.change(&unary.expr),
            Expr::Paren(paren) => self.change(&paren.expr),
            Expr::MethodCall(call) => self.change(&call.receiver),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.change(elem)),
            _ => {}
        }
    }

    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.at += 1;
        self.loops.push(self.at);
        visit(self);
        self.loops.pop();
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.at += 1;
        visit::visit_expr(self, expr);
        if let Some(place) = stored_by(expr) {
            self.change(place);
        }
    }

    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        self.declared.insert(ident.ident.to_string(), self.at);
        visit::visit_pat_ident(self, ident);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        if local.init.as_ref().is_some_and(|init| gives_a_guard(&init.expr)) {
            let mut names = Vec::new();
            pattern_names(&local.pat, &mut names);
            // what it lends is there for as long as it is, and may change after that
            let names = names.iter().map(ToString::to_string);
            names.clone().for_each(|name| self.changes.entry(name).or_default().push(usize::MAX));
            self.guards.extend(names);
        }
        if let Some(init) = local.init.as_ref().filter(|init| init.diverge.is_none())
            && borrows(&init.expr)
            && is_repeatable(&init.expr)
            && !binds_for_change(&local.pat)
        {
            let (mut names, mut of) = (Vec::new(), BTreeSet::new());
            pattern_names(&local.pat, &mut names);
            variables(init.expr.to_token_stream(), &mut of);
            let names = names.iter().map(ToString::to_string).collect();
            let part = Some(&*init.expr).filter(|expr| names_a_part(expr)).cloned();
            let part = part.or_else(|| lent_by(&init.expr, &self.guards));
            let (part, whole) = match part {
                None => names_a_place(&init.expr).unzip(),
                part => (part, None),
            };
            self.views.push(View { names, of, part, whole, at: self.at, loops: self.loops.clone() });
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        if !only_looks(&call.method.to_string()) {
            self.change(&call.receiver);
        }
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        self.inside(|this| visit::visit_expr_for_loop(this, each));
    }

    fn visit_expr_while(&mut self, each: &'ast syn::ExprWhile) {
        self.inside(|this| visit::visit_expr_while(this, each));
    }

    fn visit_expr_loop(&mut self, each: &'ast syn::ExprLoop) {
        self.inside(|this| visit::visit_expr_loop(this, each));
    }

    /// It may run later.
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.closures += 1;
        visit::visit_expr_closure(self, closure);
        self.closures -= 1;
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        variables(mac.tokens.clone(), &mut self.in_macros);
        if !looks(mac) {
            let mut names = BTreeSet::new();
            variables(mac.tokens.clone(), &mut names);
            names.into_iter().for_each(|name| self.changes.entry(name).or_default().push(self.at));
        }
    }
}

/// Whether the value is a shared reference, as its form shows.
fn borrows(expr: &Expr) -> bool {
    let of_block = |block: &Block| matches!(block.stmts.as_slice(), [Stmt::Expr(last, None)] if borrows(last));
    match strip(expr) {
        Expr::Reference(reference) => reference.mutability.is_none(),
        Expr::MethodCall(call) => matches!(call.method.to_string().as_str(), "as_slice" | "as_str" | "as_bytes" | "split_at"),
        Expr::If(branch) => of_block(&branch.then_branch) && branch.else_branch.as_ref().is_some_and(|(_, other)| borrows(other)),
        Expr::Block(block) => of_block(&block.block),
        _ => false,
    }
}

/// `&memory[range]`
fn names_a_part(expr: &Expr) -> bool {
    let Expr::Reference(reference) = strip(expr) else { return false };
    matches!(strip(&reference.expr), Expr::Index(index) if matches!(strip(&index.index), Expr::Range(_)))
}

/// `&memory`, `&memory[k]`, `memory.as_slice()`, and whose memory that is.
fn names_a_place(expr: &Expr) -> Option<(Expr, String)> {
    fn root(place: &Expr) -> Option<String> {
        match strip(place) {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            Expr::Field(field) => root(&field.base),
            Expr::Index(index) => root(&index.expr),
            _ => None,
        }
    }
    match strip(expr) {
        Expr::Reference(reference) => Some((expr.clone(), root(&reference.expr)?)),
        Expr::MethodCall(call) if call.method == "as_slice" => {
            let receiver = &call.receiver;
            Some((syn::parse_quote!(&#receiver[..]), root(receiver)?))
        }
        _ => None,
    }
}

/// What a guard lends, all of it: `&guard`, `&*guard`.
fn lent_by(expr: &Expr, guards: &BTreeSet<String>) -> Option<Expr> {
    let Expr::Reference(reference) = strip(expr) else { return None };
    let is_guard = |expr: &Expr| matches!(strip(expr), Expr::Path(path) if path.path.get_ident().is_some_and(|name| guards.contains(&name.to_string())));
    match strip(&reference.expr) {
        guard if is_guard(guard) => Some(syn::parse_quote!(&*#guard)),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) && is_guard(&unary.expr) => Some(expr.clone()),
        _ => None,
    }
}

fn binds_for_change(pat: &Pat) -> bool {
    let tokens: TokenStream = pat.to_token_stream();
    tokens.to_string().split(|c: char| !c.is_alphanumeric()).any(|word| word == "mut")
}
