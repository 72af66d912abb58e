//! The variables that a statement may change, by their names.

use std::collections::BTreeSet;

use syn::Expr;
use syn::visit::{self, Visit};

use crate::rules;

use super::flow::looks;
use super::holders::GIVE_VALUES;
use super::methods::{LOOK, is_adapter};
use super::names::variables;
use super::operators::{changes_bits, is_compound};

/// The variables that a statement may change.
#[derive(Default)]
pub struct Stores {
    pub roots: BTreeSet<String>,
}

impl Stores {
    /// The variable, or variables, that a place is of.
    pub fn of(place: &Expr) -> Self {
        let mut stores = Self::default();
        stores.root(place);
        stores
    }

    pub fn root(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) => self.roots.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Field(field) => self.root(&field.base),
            Expr::Index(index) => self.root(&index.expr),
            Expr::Unary(unary) => self.root(&unary.expr),
            Expr::Paren(paren) => self.root(&paren.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.root(elem)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Stores {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if let Some(place) = stored_by(expr) {
            self.root(place);
        }
        visit::visit_expr(self, expr);
    }
}

/// The place that an expression stores into, or lends to be stored into, but for what its parts do: left of `=` and `+=`, behind `&mut`.
pub fn stored_by(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Assign(assign) => Some(&assign.left),
        Expr::Binary(binary) if is_compound(&binary.op) || changes_bits(&binary.op) => Some(&binary.left),
        Expr::Reference(reference) if reference.mutability.is_some() => Some(&reference.expr),
        _ => None,
    }
}

/// Whether a method of this name only looks at what it is called on.
pub fn only_looks(method: &str) -> bool {
    LOOK.contains(&method)
        || is_adapter(method) && !method.ends_with("_mut")
        || GIVE_VALUES.contains(&method)
        || rules::find(method).is_some()
}

/// The variables that a copied statement may change by a call: what a method is called on, but for those that are known to look only, and what a macro
/// mentions.
#[derive(Default)]
pub struct Changes {
    pub roots: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Changes {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if !only_looks(&call.method.to_string()) {
            self.roots.append(&mut Stores::of(&call.receiver).roots);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if !looks(mac) {
            variables(mac.tokens.clone(), &mut self.roots);
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
