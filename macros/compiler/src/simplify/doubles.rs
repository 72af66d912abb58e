//! `m += e; m += e ⟶ m += 2 · e` and `let m = e; m += e ⟶ let m = 2 · e`: what flows back through both factors of a square.
//!
//! `e + e` is `2 · e` in every float, so that one rounding less remains, and one addition less that waits for another. Only of operations: what
//! a function adds itself is a variable.

use crate::ir::{Block, Expr, Number, Operand, Statement, Value, edit};
use crate::rules;

use super::common::key;
use super::registers::same;

/// Joins additions of one value to one place.
pub fn join(block: &mut Block) {
    let mut out: Block = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut join);
        match out.last_mut().and_then(|last| joined(last, &statement)) {
            Some(value) => *value = twice(value),
            None => out.push(statement),
        }
    }
    *block = out;
}

/// The value that the first statement gives to a place, where the second adds it once more.
fn joined<'a>(first: &'a mut Statement, second: &Statement) -> Option<&'a mut Expr> {
    let Statement::Add { place, value: added @ Expr::Apply(..), subtract, whole: false } = second else { return None };
    let value = match first {
        Statement::Add { place: before, value, subtract: other, whole: false } => {
            (same(before, place) && other == subtract).then_some(value)
        }
        Statement::Let { var, value: Some(Value::Expr(value)), .. } => {
            (*var == place.root && place.path.is_empty() && !subtract).then_some(value)
        }
        _ => None,
    };
    value.filter(|value| key(value) == key(added) && is_named(value))
}

/// Whether the text of the expression tells all of it: what is indexed is not told.
fn is_named(expr: &Expr) -> bool {
    match expr {
        Expr::Operand(Operand::Place(place)) => place.path.is_empty(),
        Expr::Operand(Operand::Number(_)) => true,
        Expr::Operand(Operand::Code(_)) => false,
        Expr::Apply(_, arguments, _) => arguments.iter().all(is_named),
    }
}

fn twice(value: &Expr) -> Expr {
    let two = Expr::Operand(Operand::Number(Number { written: None, value: 2.0 }));
    Expr::apply(rules::op("mul"), vec![two, value.clone()])
}
