//! `let mut x = exp(a)` ⟶ `let exp = exp(a); let mut x = exp`, where the derivative reads the result: `x` may have changed when the reverse
//! sweep gets there.
//!
//! *In:* a function whose body is translated. *Out:* the same, where such a result is a variable that is never assigned.

use crate::ir::{Block, Expr, Form, Function, Kind, Place, Statement, Value, edit};

use super::expressions::noun;

/// Names the results that stand in memory.
pub fn name(function: &mut Function) {
    let mut body = std::mem::take(&mut function.body);
    within(function, &mut body);
    function.body = body;
}

fn within(function: &mut Function, block: &mut Block) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| within(function, inner));
        if let Some((value, op, span)) = in_memory(function, &mut statement) {
            let var = function.fresh(noun(op), Kind::Scalar, false, Form::Owned, span);
            let result = Value::Expr(Expr::place(Place::whole(var, span)));
            out.push(Statement::Let { var, value: Some(std::mem::replace(value, result)), ty: None });
        }
        out.push(statement);
    }
    *block = out;
}

/// The operation that a statement stores in memory, where its derivative reads the result.
fn in_memory<'s>(
    function: &Function,
    statement: &'s mut Statement,
) -> Option<(&'s mut Value, crate::rules::Op, proc_macro2::Span)> {
    let (value, span) = match statement {
        Statement::Let { var, value: Some(value), .. } if function.variable(*var).mutable => {
            (value, function.variable(*var).name.span())
        }
        Statement::Assign { place, value } => (value, place.span),
        _ => return None,
    };
    match value {
        Value::Expr(Expr::Apply(op, ..)) if op.reads_result() => {
            let op = *op;
            Some((value, op, span))
        }
        _ => None,
    }
}
