//! `loop { let a = s; .. } ⟶ let a = s; loop { .. }` of a number `s` that the loop does not change, though others do: a sum that a loop before has made.
//!
//! A read of memory that changes is kept for the reverse sweep. In a loop, each iteration would keep it; in front of the loop it is kept once, and what is
//! computed from it alone may be computed there as well (`invariant`). A variable can be read wherever a loop that reads it begins: it has a value
//! there, as the loop gives it none. What a branch may skip stays.

use std::collections::BTreeSet;

use crate::analysis::effects::Effects;
use crate::ir::{Block, Expr, Form, Function, Loop, Operand, Statement, Value, Var, edit, uses};

/// Reads numbers that do not change in a loop in front of it.
pub fn read_before(function: &Function, block: &mut Block) {
    let mut out = Vec::new();
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| read_before(function, inner));
        if let Statement::Loop(each) = &mut statement {
            let mut changed = changed(each);
            let (reads, stays): (Block, Block) = std::mem::take(&mut each.body).into_iter().partition(|statement| {
                read(function, statement).is_some_and(|(var, from)| !changed.contains(&from) && changed.remove(&var))
            });
            each.body = stays;
            out.extend(reads);
        }
        out.push(statement);
    }
    *block = out;
}

/// What a loop declares or changes.
fn changed(each: &Loop) -> BTreeSet<Var> {
    let effects = Effects::of_block(&each.body);
    let mut changed: BTreeSet<Var> = each.binds().into_iter().chain(effects.writes).chain(effects.adds).collect();
    uses::declared_within(&each.body, &mut changed);
    changed
}

/// A variable that is the value of a number, and that number.
fn read(function: &Function, statement: &Statement) -> Option<(Var, Var)> {
    let Statement::Let { var, value: Some(Value::Expr(Expr::Operand(Operand::Place(place)))), .. } = statement else {
        return None;
    };
    let from = function.variable(place.root);
    let is_memory = from.mutable && from.form == Form::Owned && function.is_scalar(place.root) && place.path.is_empty();
    (is_memory && !function.variable(*var).mutable).then_some((*var, place.root))
}
