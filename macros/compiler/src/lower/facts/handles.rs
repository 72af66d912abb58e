//! Variables that are only ever handed on: a source of random numbers, a counter, a cache.
//!
//! *In:* a body. *Out:* the names of variables that begin as what a function or a constructor gives, and are then lent to calls by `&mut` or have
//! methods called on them, but are never read. Whether a derivative flows through such a variable, the callees decide: it is taken for one
//! without, and where a callee differentiates it after all, its type does not fit, which is an error. But what a constructor makes of floats alone,
//! `Average::new(0.9)`, is a state, in which methods that give active values may store their arguments.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, Pat};

use crate::rules;

use super::methods::{CHANGES, is_adapter};
use super::names::{Names, variables};
use super::operators::has_value;
use super::own::is_constructed_of_floats;
use super::syntax::strip;

/// Finds them.
pub fn handles(block: &Block) -> BTreeSet<String> {
    let mut uses = Uses::default();
    uses.visit_block(block);
    uses.made.difference(&uses.read).cloned().collect()
}

/// The variables declared by `mut` that a constructor makes of floats alone.
pub fn states(block: &Block, names: &Names) -> BTreeSet<String> {
    struct Find<'a> {
        names: &'a Names,
        found: BTreeSet<String>,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_item(&mut self, _: &'ast syn::Item) {}

        fn visit_local(&mut self, local: &'ast syn::Local) {
            if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
                && name.mutability.is_some()
                && is_constructed_of_floats(&init.expr, self.names)
            {
                self.found.insert(name.ident.to_string());
            }
            visit::visit_local(self, local);
        }
    }
    let mut find = Find { names, found: BTreeSet::new() };
    find.visit_block(block);
    find.found
}

/// The calls of methods in an expression that it is the value of, or is computed from, and that are surely made.
#[derive(Default)]
pub struct Called<'e>(pub Vec<&'e ExprMethodCall>);

impl<'ast> Visit<'ast> for Called<'ast> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Closure(_) | Expr::Loop(_) | Expr::Index(_) | Expr::Cast(_) => {
            }
            Expr::Binary(binary) if !has_value(&binary.op) => {}
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.0.push(call);
        visit::visit_expr_method_call(self, call);
    }
}

#[derive(Default)]
struct Uses {
    made: BTreeSet<String>,
    read: BTreeSet<String>,
}

impl Uses {
    /// The arguments of a call, of which those by `&mut` are no reads.
    fn arguments<'e>(&mut self, arguments: impl Iterator<Item = &'e Expr>) {
        for argument in arguments {
            match argument {
                Expr::Reference(reference) if reference.mutability.is_some() && is_name(&reference.expr) => {}
                read => self.visit_expr(read),
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && name.mutability.is_some()
            && matches!(&*init.expr, Expr::Call(_))
        {
            self.made.insert(name.ident.to_string());
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.visit_expr(&call.func);
        self.arguments(call.args.iter());
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        let is_known = is_adapter(&name) || CHANGES.contains(&name.as_str()) || rules::find(&name).is_some();
        if is_known || call.args.is_empty() || !is_name(&call.receiver) {
            self.visit_expr(&call.receiver);
        }
        self.arguments(call.args.iter());
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        // a variable is read behind its `let`
        if !self.made.is_empty() {
            self.read.extend(path.path.get_ident().map(ToString::to_string));
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        variables(mac.tokens.clone(), &mut self.read);
    }
}

fn is_name(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::Path(path) if path.path.get_ident().is_some())
}
