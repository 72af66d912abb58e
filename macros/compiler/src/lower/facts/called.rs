//! Functions whose names begin with a capital, `Phi(x)`, as tuple structs' do.
//!
//! *In:* `s * Phi(d)`. *Out:* `Phi`. A call of such a name is the literal of a struct unless it is used as a float somewhere in the function: a
//! struct has no operators and no maths here. Neither types nor other items are visible to a macro, so that a name that is never used so is
//! a struct's, and it is an error if it is not.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat, Stmt, Type};

use crate::rules;

use super::operators::has_value;
use super::syntax::strip;

/// The paths of these functions, as they are written.
pub fn functions(block: &Block, returns_scalar: bool, is_scalar: &dyn Fn(&Type) -> bool) -> BTreeSet<String> {
    let mut floats = Floats { names: BTreeSet::new(), found: BTreeSet::new(), is_scalar };
    // a variable may be used before it is known what it begins with
    for _ in 0..2 {
        floats.visit_block(block);
        if returns_scalar {
            floats.tail(block);
        }
    }
    floats.found
}

struct Floats<'a> {
    /// The variables that are used as floats.
    names: BTreeSet<String>,
    found: BTreeSet<String>,
    is_scalar: &'a dyn Fn(&Type) -> bool,
}

impl Floats<'_> {
    /// The expression is used as a float.
    fn float(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::Path(path) => self.names.extend(path.path.get_ident().map(ToString::to_string)),
            Expr::Unary(unary) => self.float(&unary.expr),
            Expr::Reference(reference) => self.float(&reference.expr),
            Expr::Call(call) => {
                if let Expr::Path(path) = strip(&call.func)
                    && path.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
                {
                    self.found.insert(path.to_token_stream().to_string());
                }
            }
            Expr::If(branch) => {
                self.tail(&branch.then_branch);
                branch.else_branch.iter().for_each(|(_, other)| self.float(other));
            }
            Expr::Match(choice) => choice.arms.iter().for_each(|arm| self.float(&arm.body)),
            Expr::Block(block) => self.tail(&block.block),
            _ => {}
        }
    }

    fn tail(&mut self, block: &Block) {
        if let Some(Stmt::Expr(last, None)) = block.stmts.last() {
            self.float(last);
        }
    }
}

/// Whether the expression is a number, as it is written: a literal, or what an operator or maths gives.
fn is_number(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Lit(_) | Expr::Cast(_) => true,
        Expr::Unary(unary) => is_number(&unary.expr),
        Expr::Binary(binary) => has_value(&binary.op),
        Expr::MethodCall(call) => rules::find(&call.method.to_string()).is_some(),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Floats<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let is_float = match binary.op {
            syn::BinOp::And(_) | syn::BinOp::Or(_) => false,
            // structs are equal to one another as well
            syn::BinOp::Eq(_) | syn::BinOp::Ne(_) => is_number(&binary.left) || is_number(&binary.right),
            _ => true,
        };
        if is_float {
            self.float(&binary.left);
            self.float(&binary.right);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, syn::UnOp::Neg(_)) {
            self.float(&unary.expr);
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if rules::find(&call.method.to_string()).is_some() {
            self.float(&call.receiver);
            call.args.iter().for_each(|argument| self.float(argument));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_cast(&mut self, cast: &'ast syn::ExprCast) {
        self.float(&cast.expr);
        visit::visit_expr_cast(self, cast);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        let Some(init) = &local.init else { return };
        let is_float = match &local.pat {
            Pat::Type(typed) => (self.is_scalar)(&typed.ty),
            Pat::Ident(name) => self.names.contains(&name.ident.to_string()),
            _ => false,
        };
        if is_float {
            self.float(&init.expr);
        }
    }
}
