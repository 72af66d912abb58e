//! What a loop, a block or a closure is left with where it is an `Option` of something active.
//!
//! *In:* `let mut value = late(); loop { .. value = set(Some(x)); .. } let o = settled(value);`
//!
//! *Out:* `let mut value = None; loop { .. value = Some(x); .. } let o = value;`, which [`translate`](crate::lower::translate) translates.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, Pat, parse_quote};

use crate::lower::facts::flow::Activity;
use crate::lower::facts::syntax::{ends, is_runtime_call, is_some, strip};

/// Writes them as variables that begin as `None`; whether there are such.
pub fn begin_as_none(block: &mut Block, activity: &Activity) -> bool {
    let mut search = Filled { activity, names: BTreeSet::new() };
    search.visit_block(block);
    let names = search.names;
    if !names.is_empty() {
        Begun { names: &names }.visit_block_mut(block);
    }
    !names.is_empty()
}

/// The variables that are filled late with `Some(..)` of something active.
struct Filled<'a> {
    activity: &'a Activity,
    names: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Filled<'_> {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        if let (Expr::Path(path), Some(Some(value))) = (&*assign.left, is_runtime_call(&assign.right, "set"))
            && let Some(name) = path.path.get_ident()
            && gives_some(value)
            && self.activity.expr(value)
        {
            self.names.insert(name.to_string());
        }
        visit::visit_expr_assign(self, assign);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether one of the ways that an expression ends is `Some(..)`.
fn gives_some(expr: &Expr) -> bool {
    matches!(strip(expr), Expr::Call(call) if is_some(call)) || ends(expr).into_iter().any(gives_some)
}

struct Begun<'a> {
    names: &'a BTreeSet<String>,
}

impl Begun<'_> {
    fn is_one(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Path(path) if path.path.get_ident().is_some_and(|name| self.names.contains(&name.to_string())))
    }
}

impl VisitMut for Begun<'_> {
    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if let (Pat::Ident(name), Some(init)) = (&local.pat, &mut local.init)
            && self.names.contains(&name.ident.to_string())
        {
            *init.expr = parse_quote!(None);
        }
        visit_mut::visit_local_mut(self, local);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Assign(assign) = expr
            && self.is_one(&assign.left)
            && let Some(Some(value)) = is_runtime_call(&assign.right, "set")
        {
            *assign.right = value.clone();
        }
        if let Some(Some(settled)) = is_runtime_call(expr, "settled")
            && self.is_one(settled)
        {
            *expr = settled.clone();
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
