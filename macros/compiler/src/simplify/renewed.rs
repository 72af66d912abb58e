//! What is taken from an adjoint and added to next is overwritten instead of set to zero, and added to zero.
//!
//! ```text
//! let t = take s_bar[i]             let t = s_bar[i]
//! ..                          ⟶     ..
//! s_bar[i] += e                     s_bar[i] = e
//! ```
//!
//! *In:* a block whose iterations have found their order. *Out:* the same, where nothing between both statements mentions the adjoint, nor changes where the place is.
//!
//! `0 + e` is `e`, but for −0, which becomes +0: what flows back on is a zero all the same. The back end must keep the addition for that, and a number that each step takes
//! and adds to waits for it.

use crate::analysis::effects::Effects;
use crate::ir::{Block, Expr, Form, Function, Place, Statement, Value, edit, uses};
use crate::rules;

use super::registers::same;

/// Overwrites what is taken and added to.
pub fn overwrite(function: &mut Function, block: &mut Block) {
    for statement in block.iter_mut() {
        edit::inner_blocks(statement, &mut |inner| overwrite(function, inner));
    }
    for position in 0..block.len() {
        let Some(place) = taken(function, &block[position]).cloned() else { continue };
        let Some(next) = next_addition(&block[position + 1..], &place) else { continue };
        if let Statement::Let { value, .. } = &mut block[position] {
            *value = Some(Value::Expr(Expr::place(place)));
        }
        renew(&mut block[position + 1 + next]);
    }
}

/// The number in memory of the sweeps' own, or behind a reference, that a statement takes.
fn taken<'s>(function: &Function, statement: &'s Statement) -> Option<&'s Place> {
    let Statement::Let { var, value: Some(Value::Take(place, None)), .. } = statement else { return None };
    let form = function.variable(place.root).form;
    let is_there = form == Form::Owned || form == Form::Reference && !place.path.is_empty();
    (is_there && function.is_scalar(*var)).then_some(place)
}

/// Which of the statements adds to the place, where those before leave it alone.
fn next_addition(rest: &[Statement], place: &Place) -> Option<usize> {
    let next = rest.iter().position(|statement| uses::mentions(statement, place.root) > 0)?;
    let Statement::Add { place: added, value, whole: false, .. } = &rest[next] else { return None };
    let moves = |statement: &Statement| {
        let effects = Effects::of_statement(statement);
        let mut moves = false;
        uses::place(place, &mut |var| moves |= effects.writes.contains(&var) || effects.adds.contains(&var));
        moves
    };
    let mut reads = false;
    uses::expr(value, &mut |var| reads |= var == place.root);
    (same(added, place) && !reads && !rest[..next].iter().any(moves)).then_some(next)
}

/// Makes an assignment of an addition.
fn renew(statement: &mut Statement) {
    if let Statement::Add { place, value, subtract, .. } = statement {
        let value = if *subtract { Expr::apply(rules::op("neg"), vec![value.clone()]) } else { value.clone() };
        *statement = Statement::Assign { place: place.clone(), value: Value::Expr(value) };
    }
}
