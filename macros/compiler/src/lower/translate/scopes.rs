//! Blocks whose copied code declares something that is to be dropped where the block ends: a guard, or a value with a `Drop` of its own.
//!
//! *In:* `{ let mut b = cell.borrow_mut(); b.push(3.0); s *= x; } rest`
//!
//! *Out:* `let mut b = cell.borrow_mut(); b.push(3.0); s = mul(s, x); leave b; rest`, of which the derivatives make a block again
//! ([`scopes`](crate::analysis::scopes)).
//!
//! What evidently has no destructor, as a number or a reference, is not left: the derivatives may need it later. Nothing may need a guard later, so
//! what is read through one is kept as the numbers that were read.

use proc_macro2::Span;
use quote::quote;
use syn::{Block, Expr, Local, UnOp};

use crate::ir::{self, Code, Kind, Operand, Place, Statement, Value, Var};
use crate::lower::facts::destructors::{gives_a_guard, may_have_a_destructor};
use crate::lower::facts::syntax::{first_span, strip};

use super::Lowerer;

impl Lowerer<'_> {
    /// Translates what stands in a block of its own into the current one: what copied code declares in it is left at its end.
    pub(super) fn in_scope<R>(&mut self, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(Vec::new());
        let result = inside(self);
        let left = self.scopes.pop().expect("the scope that was opened");
        left.into_iter().rev().for_each(|var| self.push(Statement::Leave(var)));
        result
    }

    /// The value of a block, which is computed before what the block declares is left.
    pub(super) fn scoped_value(&mut self, block: &Block) -> Option<Value> {
        self.in_scope(|this| {
            let value = this.block_value(block)?;
            let span = block.stmts.last().map_or_else(Span::call_site, first_span);
            Some(this.before_leaving(value, span))
        })
    }

    /// A value that nothing changes which is dropped next.
    pub(super) fn before_leaving(&mut self, value: Value, span: Span) -> Value {
        if self.scopes.last().is_none_or(Vec::is_empty) {
            return value;
        }
        let kind = match &value {
            Value::Expr(ir::Expr::Operand(Operand::Number(_))) => return value,
            Value::Expr(ir::Expr::Operand(Operand::Place(place))) if !reads_code(place) => return value,
            Value::Tuple(parts) if parts.is_empty() => return value,
            Value::Expr(ir::Expr::Operand(Operand::Code(_))) => Kind::Inactive,
            Value::Expr(ir::Expr::Apply(..)) => Kind::Scalar,
            _ => Kind::Space,
        };
        let var = self.temporary("value", kind, value, span);
        Value::Expr(ir::Expr::place(Place::whole(var, span)))
    }

    /// A copy of what a guard lends, for a call whose backward half is given it again when the guard is gone.
    pub(super) fn lent_by_a_guard(&mut self, expr: &Expr) -> Option<Place> {
        if self.is_active(expr) {
            return None;
        }
        let lent = match strip(expr) {
            whole if self.is_a_guard(whole) => quote!(&*#whole),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) && self.is_a_guard(&unary.expr) => quote!(&#unary),
            part @ (Expr::Field(_) | Expr::Index(_)) if self.is_a_guard(root(part)) => quote!(&#part),
            _ => return None,
        };
        let span = first_span(expr);
        let code = self.code_of(&syn::parse2(lent).ok()?, false);
        let (runtime, lent) = (&self.runtime, &code.tokens);
        let code = Code { tokens: quote!(#runtime::kept(#lent)), ..code };
        let var = self.temporary("argument", Kind::Inactive, Value::Expr(ir::Expr::Operand(Operand::Code(code))), span);
        Some(Place::whole(var, span))
    }

    fn is_a_guard(&self, expr: &Expr) -> bool {
        let is_named =
            |path: &syn::ExprPath| path.path.get_ident().is_some_and(|name| self.kinds.guards.contains(&name.to_string()));
        matches!(strip(expr), Expr::Path(path) if is_named(path)) || gives_a_guard(expr)
    }

    /// Notes what a copied `let` declares in the block that is translated, where it may have a destructor.
    pub(super) fn declared_in_scope(&mut self, local: &Local, binds: &[Var]) {
        if !may_have_a_destructor(local) {
            return;
        }
        let is_number = |var: &&Var| self.kinds.numbers.contains(&self.function.variable(**var).name.to_string());
        let left: Vec<Var> = binds.iter().filter(|var| !is_number(var)).copied().collect();
        self.scopes.last_mut().expect("a scope is open").extend(left);
    }
}

/// What a place is a part of.
fn root(place: &Expr) -> &Expr {
    match strip(place) {
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        other => other,
    }
}

/// Whether copied code finds where the place is.
fn reads_code(place: &Place) -> bool {
    place.path.iter().any(|step| match step {
        ir::Step::Index(Operand::Code(code)) => !code.repeatable,
        ir::Step::Index(Operand::Place(place)) => reads_code(place),
        _ => false,
    })
}
