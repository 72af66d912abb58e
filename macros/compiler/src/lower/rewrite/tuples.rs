//! What a loop or a block is left with, or a choice gives, where it is a tuple of which some parts carry a derivative and others do not.
//!
//! ```text
//! let (y, n) = if c { (x, 1) } else { (z, 2) };   ⟶  let mut value = late(); if c { value = set((x, 1)); } else { .. } let (y, n) = settled(value);
//! ```
//!
//! *In:* `let mut value = late(); loop { .. value = set((x, k)); .. } let (y, n) = settled(value);`
//!
//! *Out:* `let mut value_0 = late(); let mut value_1 = late(); loop { .. value_0 = set(x); value_1 = set(k); .. }
//! let (y, n) = (settled(value_0), settled(value_1));`

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, Stmt, parse_quote};

use crate::lower::facts::flow::{Activity, Flow};
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::syntax::{is_diverging, is_runtime_call, strip};

/// Takes them apart in a body, and the tuples inside of tuples; whether there are such.
pub fn take_apart(block: &mut Block, activity: &Activity, names: &mut Names, runtime: &TokenStream) -> bool {
    let mut choices = Choices { activity, names: &mut *names, runtime, changed: false };
    choices.visit_block_mut(block);
    let mut changed = choices.changed;
    loop {
        let mut tuples = Tuples { activity, lengths: BTreeMap::new() };
        tuples.visit_block(block);
        let mixed = tuples.lengths.into_iter().filter_map(|(name, seen)| Some((name, seen.filter(|seen| seen.mixed)?.length)));
        let parts: BTreeMap<_, _> = mixed.map(|(name, length)| (name.clone(), parts(&name, length, names))).collect();
        if parts.is_empty() {
            return changed;
        }
        changed = true;
        Apart { parts, runtime }.visit_block_mut(block);
    }
}

/// Stores what choices give in variables.
struct Choices<'a> {
    activity: &'a Activity,
    names: &'a mut Names,
    runtime: &'a TokenStream,
    changed: bool,
}

impl Choices<'_> {
    /// The choice as a statement that stores its value, and the value.
    fn stored(&mut self, choice: &Expr) -> Option<(Vec<Stmt>, Expr)> {
        if !matches!(choice, Expr::If(_) | Expr::Match(_)) || !self.activity.value(choice).is_mixed() {
            return None;
        }
        let (runtime, name) = (self.runtime, self.names.taken.fresh("value"));
        let value = Ident::new(&name, proc_macro2::Span::mixed_site());
        let mut choice = choice.clone();
        let store = |tail: &Expr| {
            let tuple = self.by_parts(tail)?;
            Some(parse_quote!(#value = #runtime::set(#tuple)))
        };
        store_tails(&mut choice, &store)?;
        self.names.bindings.insert(name, Binding { mutable: true, ty: None, receiver: false });
        self.changed = true;
        let stmts = vec![parse_quote!(let mut #value = #runtime::late();), Stmt::Expr(choice, Some(Default::default()))];
        Some((stmts, parse_quote!(#runtime::settled(#value))))
    }

    /// A tuple, or the parts of a variable that is one.
    fn by_parts(&self, tail: &Expr) -> Option<Expr> {
        match (tail, self.activity.value(tail)) {
            (Expr::Tuple(_), _) => Some(tail.clone()),
            (Expr::Path(_), Flow::Tuple(parts)) if parts.len() > 1 => {
                let fields = (0..parts.len()).map(syn::Index::from);
                Some(parse_quote!((#(#tail.#fields),*)))
            }
            _ => None,
        }
    }

    fn statements(&mut self, stmt: &mut Stmt) -> Vec<Stmt> {
        let choice = match stmt {
            Stmt::Local(local) => local.init.as_mut().filter(|init| init.diverge.is_none()).map(|init| &mut *init.expr),
            Stmt::Expr(Expr::Assign(assign), _) => Some(&mut *assign.right),
            _ => None,
        };
        let Some(choice) = choice else { return Vec::new() };
        let Some((stmts, value)) = self.stored(choice) else { return Vec::new() };
        *choice = value;
        stmts
    }
}

impl VisitMut for Choices<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        for mut stmt in std::mem::take(&mut block.stmts) {
            let before = self.statements(&mut stmt);
            block.stmts.extend(before);
            block.stmts.push(stmt);
        }
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        if let Some((stmts, value)) = self.stored(&closure.body) {
            *closure.body = parse_quote!({ #(#stmts)* #value });
        }
        visit_mut::visit_expr_closure_mut(self, closure);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Replaces the tuples that a choice ends with, written or by their names; none where it ends with anything else that has a value.
fn store_tails(choice: &mut Expr, store: &dyn Fn(&Expr) -> Option<Expr>) -> Option<()> {
    match choice {
        Expr::If(branch) => {
            store_tail(&mut branch.then_branch, store)?;
            store_tails(&mut branch.else_branch.as_mut()?.1, store)
        }
        Expr::Match(choice) => choice.arms.iter_mut().try_for_each(|arm| {
            if let Expr::Tuple(_) | Expr::Path(_) = &*arm.body {
                let body = &arm.body;
                *arm.body = parse_quote!({ #body });
            }
            store_tails(&mut arm.body, store)
        }),
        Expr::Block(block) if block.label.is_none() => store_tail(&mut block.block, store),
        other => is_diverging(other).then_some(()),
    }
}

fn store_tail(block: &mut Block, store: &dyn Fn(&Expr) -> Option<Expr>) -> Option<()> {
    match block.stmts.last_mut() {
        Some(Stmt::Expr(tuple @ (Expr::Tuple(_) | Expr::Path(_)), semi @ None)) => {
            *tuple = store(tuple)?;
            *semi = Some(Default::default());
            Some(())
        }
        Some(Stmt::Expr(inner, None)) => store_tails(inner, store),
        Some(Stmt::Macro(mac)) => {
            is_diverging(&Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: mac.mac.clone() })).then_some(())
        }
        _ => None,
    }
}

fn parts(name: &str, length: usize, names: &mut Names) -> Vec<Ident> {
    let binding = || Binding { mutable: true, ..Binding::default() };
    (0..length).map(|index| names.declare(&format!("{name}_{index}"), binding())).collect()
}

/// What a variable is filled with: tuples of one length, of which one has parts of both kinds.
#[derive(Clone, Copy)]
struct Seen {
    length: usize,
    mixed: bool,
}

/// The variables that are filled late, and what with; none where it is no tuple.
struct Tuples<'a> {
    activity: &'a Activity,
    lengths: BTreeMap<String, Option<Seen>>,
}

impl<'ast> Visit<'ast> for Tuples<'_> {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        if let (Expr::Path(path), Some(Some(value))) = (&*assign.left, is_runtime_call(&assign.right, "set"))
            && let Some(name) = path.path.get_ident()
        {
            let seen = match (strip(value), self.activity.value(value)) {
                (Expr::Tuple(tuple), Flow::Tuple(flows)) if tuple.elems.len() > 1 => {
                    let mixed = flows.iter().any(Flow::any) && !flows.iter().all(Flow::any);
                    Some(Seen { length: flows.len(), mixed })
                }
                _ => None,
            };
            let joined = match (self.lengths.get(&name.to_string()), seen) {
                (None, seen) => seen,
                (Some(Some(before)), Some(seen)) if before.length == seen.length => {
                    Some(Seen { mixed: before.mixed || seen.mixed, ..seen })
                }
                _ => None,
            };
            self.lengths.insert(name.to_string(), joined);
        }
        visit::visit_expr_assign(self, assign);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Writes the parts instead of the whole.
struct Apart<'a> {
    parts: BTreeMap<String, Vec<Ident>>,
    runtime: &'a TokenStream,
}

impl Apart<'_> {
    fn of(&self, expr: &Expr) -> Option<&[Ident]> {
        let Expr::Path(path) = expr else { return None };
        self.parts.get(&path.path.get_ident()?.to_string()).map(Vec::as_slice)
    }

    fn statements(&self, stmt: &Stmt) -> Option<Vec<Stmt>> {
        let runtime = self.runtime;
        match stmt {
            Stmt::Local(local) => {
                let Pat::Ident(name) = &local.pat else { return None };
                let parts = self.parts.get(&name.ident.to_string())?;
                Some(parts.iter().map(|part| parse_quote!(let mut #part = #runtime::late();)).collect())
            }
            Stmt::Expr(Expr::Assign(assign), _) => {
                let parts = self.of(&assign.left)?;
                let Expr::Tuple(tuple) = strip(is_runtime_call(&assign.right, "set")??) else { return None };
                let stored = parts.iter().zip(&tuple.elems);
                Some(stored.map(|(part, elem)| parse_quote!(#part = #runtime::set(#elem);)).collect())
            }
            _ => None,
        }
    }
}

impl VisitMut for Apart<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let stmts = std::mem::take(&mut block.stmts);
        block.stmts = stmts.into_iter().flat_map(|stmt| self.statements(&stmt).unwrap_or_else(|| vec![stmt])).collect();
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let runtime = self.runtime;
        if let Some(Some(settled)) = is_runtime_call(expr, "settled")
            && let Some(parts) = self.of(settled)
        {
            *expr = parse_quote!((#(#runtime::settled(#parts)),*));
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
