//! `f(exp(a)); g(exp(a)) ⟶ let v = exp(a); f(v); g(v)`: what occurs in several expressions of a block without inner ones gets a name.
//!
//! Only what costs more than arithmetic and has the same bits wherever it is evaluated; the back end does not see that of a call of a library. The
//! names are used by [`common`](super::common) afterwards.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Block, Expr, Form, Function, Kind, Statement, Value, edit};

use super::common::{is_cheap, key};
use super::is_pure;

/// Names what occurs more than once.
pub fn name(function: &mut Function, block: &mut Block) {
    let mut counts = BTreeMap::new();
    for statement in block.iter_mut() {
        edit::own_exprs(statement, &mut |expr| {
            dear_parts(function, expr, &mut |part| *counts.entry(key(part)).or_insert(0) += 1)
        });
    }
    let mut named = BTreeSet::new();
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        if let Statement::Let { var, value: Some(Value::Expr(expr)), .. } = &statement
            && !function.variable(*var).mutable
        {
            named.insert(key(expr)); // it has a name already
        }
        let mut new = Vec::new();
        edit::own_exprs(&mut statement, &mut |expr| {
            dear_parts(function, expr, &mut |part| {
                if counts[&key(part)] > 1 && named.insert(key(part)) {
                    new.push(part.clone());
                }
            });
        });
        for value in new {
            let Expr::Apply(op, ..) = &value else { continue };
            let wish = op.0.name.trim_start_matches("d_");
            let var = function.fresh(wish, Kind::Scalar, false, Form::Owned, proc_macro2::Span::mixed_site());
            out.push(Statement::Let { var, value: Some(Value::Expr(value)), ty: None });
        }
        out.push(statement);
    }
    *block = out;
}

/// The operations in an expression that are worth a name, inner ones first.
fn dear_parts(function: &Function, expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    arguments.iter().for_each(|argument| dear_parts(function, argument, visit));
    if !is_cheap(*op) && is_pure(function, expr) {
        visit(expr);
    }
}
