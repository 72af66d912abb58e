//! Whether an expression only computes: nobody sees how often it is evaluated.
//!
//! *In:* the body of a closure, `v * c.exp()`, `{ n += 1; v * n as f64 }`, `next()`. *Out:* yes, no, no: what a function of the user does is not known.

use syn::Expr;
use syn::visit::{self, Visit};

use crate::rules::{self, Written};

use super::methods::{ELEMENTS, ENDS, is_adapter};
use super::operators::{changes_bits, is_compound};
use super::syntax::strip;

/// Whether evaluating the expression does nothing but give its value.
pub fn only_computes(expr: &Expr) -> bool {
    let mut acts = Acts(false);
    acts.visit_expr(expr);
    !acts.0
}

/// Whether something is seen that may do more.
struct Acts(bool);

impl<'ast> Visit<'ast> for Acts {
    fn visit_expr_assign(&mut self, _: &'ast syn::ExprAssign) {
        self.0 = true;
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        self.0 |= is_compound(&binary.op) || changes_bits(&binary.op);
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        self.0 |= reference.mutability.is_some();
        visit::visit_expr_reference(self, reference);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let last = match strip(&call.func) {
            Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
            _ => String::new(),
        };
        self.0 |= !(is_of_floats(&last) || last.starts_with(char::is_uppercase));
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let name = call.method.to_string();
        let is_known = is_of_floats(&name) || is_adapter(&name) || ENDS.contains(&&*name) || ELEMENTS.contains(&&*name);
        self.0 |= !is_known
            && !matches!(&*name, "clone" | "to_owned" | "as_ref" | "sum" | "product" | "unwrap_or" | "is_some" | "is_none");
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, _: &'ast syn::Macro) {
        self.0 = true;
    }
}

/// Whether floats have a method of this name.
fn is_of_floats(name: &str) -> bool {
    rules::find(name).is_some_and(|op| matches!(op.0.written, Written::Method | Written::Function)) || name.starts_with("from_")
}
