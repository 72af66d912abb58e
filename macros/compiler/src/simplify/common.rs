//! `let v = exp(a); .. exp(a) .. ⟶ let v = exp(a); .. v ..`: what has a name is not computed twice.
//!
//! The same operation on the same unchanging operands gives the same bits, however it is spelt. Only what stands before in the same block, or
//! in a block around, is there.

use std::collections::BTreeMap;

use crate::ir::{Block, Expr, Function, Operand, Place, Statement, Step, Value, Var, edit};
use crate::rules::Op;

use super::is_pure;

/// Uses values that have a name already.
pub fn share(function: &Function, block: &mut Block) {
    within(function, block, &mut BTreeMap::new());
}

fn within(function: &Function, block: &mut Block, known: &mut BTreeMap<String, Var>) {
    let outer = known.clone();
    for statement in block.iter_mut() {
        edit::own_exprs(statement, &mut |expr| replace(function, expr, known));
        edit::inner_blocks(statement, &mut |inner| within(function, inner, known));
        if let Statement::Let { var, value: Some(Value::Expr(expr @ Expr::Apply(..))), .. } = statement
            && !function.variable(*var).mutable
            && is_pure(function, expr)
        {
            known.entry(key(expr)).or_insert(*var);
        }
    }
    *known = outer;
    // what is computed once more under its own name, which a block around has
    block.retain(|statement| !is_itself(statement));
}

fn is_itself(statement: &Statement) -> bool {
    match statement {
        Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } => {
            place.root == *var && place.path.is_empty()
        }
        _ => false,
    }
}

/// Replaces the dear parts of an expression that have a name, inner ones first.
fn replace(function: &Function, expr: &mut Expr, known: &BTreeMap<String, Var>) {
    let Expr::Apply(op, arguments, _) = expr else { return };
    arguments.iter_mut().for_each(|argument| replace(function, argument, known));
    if !is_cheap(*op)
        && arguments.iter().all(|argument| is_pure(function, argument))
        && let Some(var) = known.get(&key(expr))
    {
        *expr = Expr::place(Place::whole(*var, function.variable(*var).name.span()));
    }
}

/// Whether an operation costs less than a register for its result: sums and products.
pub fn is_cheap(op: Op) -> bool {
    matches!(op.0.name, "add" | "sub" | "mul" | "neg")
}

/// A text that is equal for equal expressions.
pub fn key(expr: &Expr) -> String {
    match expr {
        Expr::Operand(Operand::Place(place)) => format!("{}{}", place.root.0, place.path.iter().map(step).collect::<String>()),
        Expr::Operand(Operand::Number(number)) => match &number.written {
            Some(written) => format!("'{written}'"),
            None => format!("{:x}", number.value.to_bits()),
        },
        Expr::Operand(Operand::Code(code)) => format!("'{}'", code.tokens),
        Expr::Apply(op, arguments, _) => {
            let arguments: Vec<String> = arguments.iter().map(key).collect();
            format!("{}({})", op.0.name, arguments.join(","))
        }
    }
}

fn step(step: &Step) -> String {
    match step {
        Step::Field(name) => format!(".{name}"),
        Step::Element(index) => format!(".{index}"),
        Step::Index(_) => "[]".to_owned(),
    }
}
