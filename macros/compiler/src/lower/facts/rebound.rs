//! References that are made to name something else: `let mut last = &x[0]; .. last = &x[1];`
//!
//! *In:* a body whose names are unique. *Out:* the variables, and parts of tuples (`best.1`), that are assigned as a whole or lent by `&mut`, and
//! where. A reference is resolved to the place that it names, so none of these may be one.

use std::collections::BTreeMap;

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, Expr};

use super::syntax::{first_span, strip};

/// Finds them.
pub fn rebound(block: &Block) -> BTreeMap<String, Span> {
    let mut found = Rebound::default();
    found.visit_block(block);
    found.0
}

#[derive(Default)]
struct Rebound(BTreeMap<String, Span>);

impl Rebound {
    fn assigned(&mut self, target: &Expr) {
        match strip(target) {
            Expr::Path(_) | Expr::Field(_) => {
                if let Some(name) = name(target) {
                    self.0.entry(name).or_insert_with(|| first_span(target));
                }
            }
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.assigned(elem)),
            Expr::Array(array) => array.elems.iter().for_each(|elem| self.assigned(elem)),
            Expr::Struct(structure) => structure.fields.iter().for_each(|field| self.assigned(&field.expr)),
            Expr::Call(call) => call.args.iter().for_each(|arg| self.assigned(arg)),
            _ => {}
        }
    }
}

/// The name of a variable or of a part of a tuple.
fn name(expr: &Expr) -> Option<String> {
    match strip(expr) {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Field(field) => match &field.member {
            syn::Member::Unnamed(index) => Some(format!("{}.{}", name(&field.base)?, index.index)),
            syn::Member::Named(_) => None,
        },
        _ => None,
    }
}

impl<'ast> Visit<'ast> for Rebound {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.assigned(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() && matches!(strip(&reference.expr), Expr::Path(_) | Expr::Field(_)) {
            self.assigned(&reference.expr);
        }
        visit::visit_expr_reference(self, reference);
    }
}
