//! Variables that are lent as a whole under another name.
//!
//! *In:* `let mut q = (x, y); let r = &mut q; step(r); mem::swap(&mut q, &mut p)`. *Out:* `q`, `p`. What a call is given as `&mut q` is not among them: a
//! tuple whose elements are variables of their own is put together for the call.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Block, Expr};

use super::syntax::strip;

/// Finds them.
pub fn wholes(block: &Block) -> BTreeSet<String> {
    let mut wholes = Wholes::default();
    wholes.visit_block(block);
    wholes.0
}

#[derive(Default)]
struct Wholes(BTreeSet<String>);

impl Wholes {
    fn lent(&mut self, expr: &Expr) {
        if let Expr::Reference(reference) = strip(expr)
            && let Expr::Path(path) = strip(&reference.expr)
        {
            self.0.extend(path.path.get_ident().map(ToString::to_string));
        }
    }
}

impl<'ast> Visit<'ast> for Wholes {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.lent(&init.expr);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_match(&mut self, choice: &'ast syn::ExprMatch) {
        self.lent(&choice.expr);
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.lent(&condition.expr);
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if matches!(&*call.func, Expr::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "mem")) {
            call.args.iter().for_each(|argument| self.lent(argument));
        }
        visit::visit_expr_call(self, call);
    }
}
