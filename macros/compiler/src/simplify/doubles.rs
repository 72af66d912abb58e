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
    value.filter(|value| alike(value, added))
}

/// Whether two expressions are written alike.
fn alike(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Operand(Operand::Place(a)), Expr::Operand(Operand::Place(b))) => same(a, b),
        (Expr::Operand(Operand::Number(_)), Expr::Operand(Operand::Number(_))) => key(a) == key(b),
        (Expr::Apply(op, of_a, _), Expr::Apply(other, of_b, _)) => {
            op == other && of_a.len() == of_b.len() && of_a.iter().zip(of_b).all(|(a, b)| alike(a, b))
        }
        _ => false,
    }
}

fn twice(value: &Expr) -> Expr {
    let two = Expr::Operand(Operand::Number(Number { written: None, value: 2.0 }));
    Expr::apply(rules::op("mul"), vec![two, value.clone()])
}
