//! What a statement may do besides giving a value: leave, store, or let a derivative through.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Expr, Pat, Stmt};

use crate::lower::facts::flow::{is_text, looks};
use crate::lower::facts::methods::{ENDS, changes_receiver};
use crate::lower::facts::operators::{changes_bits, is_compound};
use crate::lower::facts::syntax::{arguments, is_place, pattern_names, strip};

use super::Lowerer;

/// What leaves the statement other than at its end.
#[derive(Default)]
pub(super) struct Exits {
    pub(super) found: Vec<Expr>,
    /// How many loops are around, inside of the statement.
    loops: usize,
    /// The labels of its loops and blocks that are around.
    labels: Vec<syn::Lifetime>,
}

impl Exits {
    fn inside(&mut self, label: Option<&syn::Label>, is_loop: bool, expr: &Expr) {
        self.loops += usize::from(is_loop);
        self.labels.extend(label.map(|label| label.name.clone()));
        visit::visit_expr(self, expr);
        self.labels.truncate(self.labels.len() - usize::from(label.is_some()));
        self.loops -= usize::from(is_loop);
    }

    fn leaves(&self, label: Option<&syn::Lifetime>) -> bool {
        label.map_or(self.loops == 0, |label| !self.labels.contains(label))
    }
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Return(_) | Expr::Try(_) => self.found.push(expr.clone()),
            Expr::Break(exit) if self.leaves(exit.label.as_ref()) => self.found.push(expr.clone()),
            Expr::Continue(exit) if self.leaves(exit.label.as_ref()) => self.found.push(expr.clone()),
            Expr::ForLoop(each) => self.inside(each.label.as_ref(), true, expr),
            Expr::While(each) => self.inside(each.label.as_ref(), true, expr),
            Expr::Loop(each) => self.inside(each.label.as_ref(), true, expr),
            Expr::Block(block) => self.inside(block.label.as_ref(), false, expr),
            Expr::Closure(_) | Expr::Async(_) => {}
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether a derivative may flow through a statement.
pub(super) struct Touches<'a, 'b> {
    pub(super) lowerer: &'a Lowerer<'b>,
    /// What the code declares itself, where it is copied as a whole: its own variables may hold what they will.
    pub(super) own: Option<BTreeSet<String>>,
    pub(super) found: bool,
}

impl Touches<'_, '_> {
    fn is_own(&self, name: &str) -> bool {
        self.own.as_ref().is_some_and(|own| own.contains(name))
    }

    fn root_is_own(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.is_own(&name.to_string())),
            Expr::Field(field) => self.root_is_own(&field.base),
            Expr::Index(index) => self.root_is_own(&index.expr),
            Expr::Unary(unary) => self.root_is_own(&unary.expr),
            Expr::Paren(paren) => self.root_is_own(&paren.expr),
            _ => false,
        }
    }

    /// Whether storing one value into another's place lets a derivative through.
    fn stores(&self, left: &Expr, right: &Expr) -> bool {
        self.root_is_active(left) || (self.lowerer.is_active(right) && !self.root_is_own(left))
    }

    fn root_is_active(&self, expr: &Expr) -> bool {
        match expr {
            part if self.lowerer.activity.is_skipped(part) => false,
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                let name = name.to_string();
                !self.is_own(&name) && self.lowerer.activity.is_active(&name)
            }),
            Expr::Field(field) => self.root_is_active(&field.base),
            Expr::Index(index) => self.root_is_active(&index.expr),
            Expr::Unary(unary) => self.root_is_active(&unary.expr),
            Expr::Paren(paren) => self.root_is_active(&paren.expr),
            Expr::Reference(reference) => self.root_is_active(&reference.expr),
            Expr::MethodCall(call) => self.root_is_active(&call.receiver),
            Expr::Tuple(tuple) => tuple.elems.iter().any(|elem| self.root_is_active(elem)),
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Touches<'_, '_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    /// What a closure is called with is bound where it stands: only its body counts.
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if self.own.is_some() {
            closure.inputs.iter().for_each(|input| self.visit_pat(input));
        }
        self.visit_expr(&closure.body);
    }

    fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
        let name = ident.ident.to_string();
        match &mut self.own {
            Some(own) => drop(own.insert(name)),
            None => self.found |= self.lowerer.activity.is_active(&name),
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if self.own.is_none() && matches!(local.pat, Pat::Wild(_)) {
            self.found |= local.init.as_ref().is_some_and(|init| self.lowerer.is_active(&init.expr));
        }
        if let (Pat::Struct(structure), Some(init)) = (&local.pat, &local.init)
            && self.lowerer.is_active(&init.expr)
        {
            let mut names = Vec::new();
            structure.fields.iter().for_each(|field| pattern_names(&field.pat, &mut names));
            self.found |= names.iter().any(|name| self.lowerer.activity.names_skipped(&name.to_string()));
        }
        visit::visit_local(self, local);
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if let Stmt::Expr(Expr::Call(_) | Expr::MethodCall(_), Some(_)) = stmt {
            let Stmt::Expr(expr, _) = stmt else { return };
            self.found |= self.lowerer.is_active(expr);
        }
        visit::visit_stmt(self, stmt);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.found |= self.stores(&assign.left, &assign.right);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        self.found |= (is_compound(&binary.op) || changes_bits(&binary.op)) && self.stores(&binary.left, &binary.right);
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        self.found |= reference.mutability.is_some() && self.root_is_active(&reference.expr);
        visit::visit_expr_reference(self, reference);
    }

    /// How long a text is, and the like, may be asked where it is made. A closure that is called with parts of something active may change them.
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        match strip(&call.receiver) {
            Expr::Macro(mac) if is_text(&mac.mac) && ENDS.contains(&call.method.to_string().as_str()) => {
                call.args.iter().for_each(|argument| self.visit_expr(argument));
            }
            receiver => {
                let is_active = self.root_is_active(receiver);
                self.found |= is_active && is_place(receiver) && changes_receiver(call);
                self.visit_expr(receiver);
                for argument in &call.args {
                    match argument {
                        Expr::Closure(closure) if is_active => {
                            let states = usize::from(matches!(call.method.to_string().as_str(), "scan" | "fold" | "try_fold"));
                            if self.own.is_some() {
                                closure.inputs.iter().take(states).for_each(|state| self.visit_pat(state));
                            }
                            self.visit_expr(&closure.body);
                        }
                        other => self.visit_expr(other),
                    }
                }
            }
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.found |= !mac.path.is_ident("vec") && self.lowerer.activity.macro_call(mac);
        if looks(mac) || is_text(mac) {
            for argument in arguments(mac) {
                let mut inside = Touches { lowerer: self.lowerer, own: self.own.clone(), found: false };
                inside.visit_expr(&argument);
                self.found |= inside.found;
            }
        }
    }
}
