//! Variables that are declared without a value, and that a loop gives one.
//!
//! ```text
//! let t; loop { t = x * x; break; } t * x   ⟶  let mut late = late(); loop { late = set(x * x); break; } let t = settled(late); t * x
//! ```
//!
//! *In:* a body with unique names, and what may be active in it. *Out:* the same; whether there was one. In a derivative rustc does not see that such a loop
//! is left at once where it assigns.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Local, Pat, Stmt, parse_quote};

use crate::ir::names::mentions;
use crate::lower::facts::flow::Activity;
use crate::lower::facts::names::{Binding, Names};
use crate::lower::facts::operators::is_compound;
use crate::lower::facts::syntax::is_variable;

/// Writes them out.
pub fn write_out(block: &mut Block, activity: &Activity, names: &mut Names, runtime: &TokenStream) -> bool {
    let mut deferred = Deferred { activity, names, runtime, found: false };
    deferred.visit_block_mut(block);
    deferred.found
}

struct Deferred<'a> {
    activity: &'a Activity,
    names: &'a mut Names,
    runtime: &'a TokenStream,
    found: bool,
}

impl VisitMut for Deferred<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let mut at = 0;
        while at < block.stmts.len() {
            self.separate(block, at);
            let stmt = &block.stmts[at];
            at += 1;
            if let Some(name) = without_a_value(stmt)
                && let Some(end) = self.given_by_a_loop(&block.stmts[at..], &name)
            {
                self.write(block, at - 1, at + end, &name);
            }
        }
        visit_mut::visit_block_mut(self, block);
    }
}

impl Deferred<'_> {
    /// The one of these statements in which an active loop assigns the variable, where no other does.
    fn given_by_a_loop(&self, stmts: &[Stmt], name: &Ident) -> Option<usize> {
        let assigns = |stmt: &Stmt| {
            let mut assigns = Assigns { name: name.to_string(), loops: 0, any: false, in_a_loop: false, otherwise: false };
            assigns.visit_stmt(stmt);
            assigns
        };
        let mut assigning = stmts.iter().enumerate().filter(|(_, stmt)| assigns(stmt).any);
        let (index, stmt) = assigning.next()?;
        let given = assigns(stmt);
        let is_one = assigning.next().is_none() && given.in_a_loop && !given.otherwise;
        (is_one && self.activity.tokens(&stmt.to_token_stream())).then_some(index)
    }

    /// `let (a, b);` ⟶ `let a; let b;`
    fn separate(&self, block: &mut Block, at: usize) {
        let Stmt::Local(Local { pat: Pat::Tuple(tuple), init: None, .. }) = &block.stmts[at] else { return };
        let stmts: Vec<Stmt> = tuple.elems.iter().map(|pat| parse_quote!(let #pat;)).collect();
        let given =
            |stmt: &Stmt| without_a_value(stmt).is_some_and(|name| self.given_by_a_loop(&block.stmts[at + 1..], &name).is_some());
        if stmts.iter().any(given) {
            block.stmts.splice(at..=at, stmts);
        }
    }

    fn write(&mut self, block: &mut Block, declared: usize, given: usize, name: &Ident) {
        let runtime = self.runtime;
        let late = self.names.declare(&format!("{name}_late"), Binding { mutable: true, ..Binding::default() });
        let declaration = std::mem::replace(&mut block.stmts[declared], parse_quote!(let mut #late = #runtime::late();));
        Late { name, late: &late, runtime }.visit_stmt_mut(&mut block.stmts[given]);
        if let Stmt::Local(Local { pat, .. }) = declaration
            && block.stmts[given + 1..].iter().any(|stmt| mentions(&stmt, &name.to_string()))
        {
            block.stmts.insert(given + 1, parse_quote!(let #pat = #runtime::settled(#late);));
        }
        self.found = true;
    }
}

/// The variable of `let t;`.
fn without_a_value(stmt: &Stmt) -> Option<Ident> {
    let Stmt::Local(Local { pat, init: None, .. }) = stmt else { return None };
    match pat {
        Pat::Ident(name) => Some(name.ident.clone()),
        Pat::Type(typed) => match &*typed.pat {
            Pat::Ident(name) => Some(name.ident.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a statement assigns a variable, whether it does so in a loop, and whether it changes a part of it or names it in a macro.
struct Assigns {
    name: String,
    loops: usize,
    any: bool,
    in_a_loop: bool,
    otherwise: bool,
}

impl<'ast> Visit<'ast> for Assigns {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let is_loop = matches!(expr, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_));
        self.loops += usize::from(is_loop);
        match expr {
            Expr::Assign(assign) if is_variable(&assign.left, &self.name) => {
                self.any = true;
                self.in_a_loop |= self.loops > 0;
            }
            Expr::Assign(assign) => self.otherwise |= mentions(&assign.left, &self.name),
            Expr::Binary(binary) if is_compound(&binary.op) => self.otherwise |= mentions(&binary.left, &self.name),
            Expr::Reference(reference) => {
                self.otherwise |= reference.mutability.is_some() && mentions(&reference.expr, &self.name)
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
        self.loops -= usize::from(is_loop);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.otherwise |= mentions(&mac.tokens, &self.name);
    }
}

/// Puts what is filled late in the place of the variable.
struct Late<'a> {
    name: &'a Ident,
    late: &'a Ident,
    runtime: &'a TokenStream,
}

impl VisitMut for Late<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let (runtime, late, name) = (self.runtime, self.late, self.name.to_string());
        if is_variable(expr, &name) {
            *expr = parse_quote!(#runtime::settled(#late));
            return;
        }
        match expr {
            Expr::Assign(assign) if is_variable(&assign.left, &name) => {
                self.visit_expr_mut(&mut assign.right);
                let value = &assign.right;
                *expr = parse_quote!(#late = #runtime::set(#value));
            }
            other => visit_mut::visit_expr_mut(self, other),
        }
    }
}
