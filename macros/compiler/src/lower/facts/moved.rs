//! Lists that copied code uses up: passed on by value, pushed to another list, bound to another name, dropped by hand.
//!
//! *In:* `for v in &list { s *= v * x; } let n = consume(list);` *Out:* `list`. The way back cannot read it again, any more than what changes: the
//! numbers that are read of it are kept, and a call that it is lent to is given a copy.
//!
//! That a variable is a list is known by its type or by what makes it. Anything else that is passed by value is a number, a reference, or what rustc says
//! is moved.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Local, Pat, Stmt, Type};

use super::destructors::is_container;
use super::names::{Names, variables};
use super::syntax::{elements, strip};

/// Methods that make a list.
const MAKE: &[&str] = &["collect", "to_vec", "to_owned", "to_string", "clone", "concat", "into_boxed_slice"];

/// The names of such lists.
pub fn lists(block: &Block, is_active: &dyn Fn(&str) -> bool, names: &Names) -> BTreeSet<String> {
    let mut lists = Lists { is_active, found: BTreeSet::new(), is_copied: false, is_captured: false, moved: BTreeSet::new() };
    let of_type =
        |ty: &Type| matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| is_container(&last.ident)));
    let typed = names.bindings.iter().filter(|(_, binding)| binding.ty.as_ref().is_some_and(of_type));
    lists.found.extend(typed.map(|(name, _)| name.clone()));
    lists.visit_block(block);
    lists.found.retain(|name| lists.moved.contains(name) && !is_active(name));
    lists.found
}

struct Lists<'a> {
    is_active: &'a dyn Fn(&str) -> bool,
    found: BTreeSet<String>,
    /// Whether the statement is copied as a whole.
    is_copied: bool,
    /// Whether what stands in a closure is moved into it.
    is_captured: bool,
    moved: BTreeSet<String>,
}

impl Lists<'_> {
    fn moves(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::Path(path) => self.moved.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.moves(elem)),
            Expr::Array(array) => array.elems.iter().for_each(|elem| self.moves(elem)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Lists<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        let mut mentioned = BTreeSet::new();
        variables(stmt.to_token_stream(), &mut mentioned);
        let before = std::mem::replace(&mut self.is_copied, !mentioned.iter().any(|name| (self.is_active)(name)));
        visit::visit_stmt(self, stmt);
        self.is_copied = before;
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            self.moves(&init.expr);
            if let Pat::Ident(name) = &local.pat
                && makes_a_list(&init.expr)
            {
                self.found.insert(name.ident.to_string());
            }
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.moves(&assign.right);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        call.args.iter().for_each(|argument| self.moves(argument));
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        call.args.iter().for_each(|argument| self.moves(argument));
        if self.is_copied && call.method.to_string().starts_with("into_") {
            self.moves(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        literal.fields.iter().for_each(|field| self.moves(&field.expr));
        visit::visit_expr_struct(self, literal);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast syn::ExprForLoop) {
        if self.is_copied {
            self.moves(&each.expr);
        }
        visit::visit_expr_for_loop(self, each);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let before = self.is_captured;
        self.is_captured |= closure.capture.is_some();
        visit::visit_expr_closure(self, closure);
        self.is_captured = before;
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if self.is_captured {
            self.moved.extend(path.path.get_ident().map(ToString::to_string));
        }
    }
}

/// Whether the value is a list of its own, by its form.
fn makes_a_list(expr: &Expr) -> bool {
    match strip(expr) {
        vector if elements(vector).is_some() => true,
        Expr::MethodCall(call) => MAKE.iter().any(|name| call.method == name),
        Expr::Call(call) => match strip(&call.func) {
            Expr::Path(path) => path.path.segments.iter().rev().nth(1).is_some_and(|segment| is_container(&segment.ident)),
            _ => false,
        },
        _ => false,
    }
}
