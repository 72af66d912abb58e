//! What `move` closures of iterators capture and something changes: a variable of the closure's own.
//!
//! ```text
//! x.iter().map(move |v| { c += v; v * c }).sum::<f64>() + c         ⟶  let mut c_2 = c; x.iter().map(|v| { c_2 += v; v * c_2 }).sum::<f64>() + c
//! for v in x.iter().map(move |v| v * c) { c += v; }                 ⟶  let mut c_2 = c; for v in x.iter().map(|v| v * c_2) { c += v; }
//! ```
//!
//! Closures that have a name are frozen where they are bound.

use std::collections::BTreeSet;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprClosure, Stmt, parse_quote};

use crate::lower::facts::names::{Binding, Names, variables};
use crate::lower::facts::stores::Stores;
use crate::lower::facts::syntax::first_span;

use super::rename::{Patterns, substitute};

/// Gives them their variables.
pub fn write_out(block: &mut Block, names: &mut Names) {
    Captures { names }.visit_block_mut(block);
}

struct Captures<'a> {
    names: &'a mut Names,
}

impl VisitMut for Captures<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        for mut stmt in std::mem::take(&mut block.stmts) {
            let mut own = Own { names: self.names, changed: changed_in_body(&stmt), copies: Vec::new() };
            own.visit_stmt_mut(&mut stmt);
            block.stmts.append(&mut own.copies);
            block.stmts.push(stmt);
        }
    }
}

/// Takes variables of their own out of the closures that a statement passes to methods.
struct Own<'a> {
    names: &'a mut Names,
    /// What changes while the statement calls them.
    changed: BTreeSet<String>,
    copies: Vec<Stmt>,
}

impl Own<'_> {
    fn closure(&mut self, closure: &mut ExprClosure) {
        let mut used = BTreeSet::new();
        variables(closure.body.to_token_stream(), &mut used);
        let mut stores = Stores { roots: self.changed.clone() };
        stores.visit_expr(&closure.body);
        let mut inside = Vec::new();
        Patterns(&mut inside).visit_expr_closure(closure);
        let captured = used.intersection(&stores.roots).filter(|name| !inside.iter().any(|bound| bound == name));
        let mut pairs = Vec::new();
        for name in captured {
            let Some(binding) = self.names.bindings.get(name).cloned() else { continue };
            let own = self.names.declare(name, Binding { mutable: true, ..binding });
            let name = Ident::new(name, first_span(closure));
            self.copies.push(parse_quote!(let mut #own = #name;));
            pairs.push((name.to_string(), own.to_string()));
        }
        if !pairs.is_empty() {
            closure.capture = None;
            substitute(&mut closure.body, &pairs);
        }
    }
}

impl VisitMut for Own<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    /// Their statements have been looked at.
    fn visit_block_mut(&mut self, _: &mut Block) {}

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        for argument in &mut call.args {
            if let Expr::Closure(closure) = argument
                && closure.capture.is_some()
            {
                self.closure(closure);
            }
        }
    }
}

/// What the body of a loop changes while its iterator goes on.
fn changed_in_body(stmt: &Stmt) -> BTreeSet<String> {
    let mut stores = Stores::default();
    if let Stmt::Expr(Expr::ForLoop(each), _) = stmt {
        stores.visit_block(&each.body);
    }
    stores.roots
}
