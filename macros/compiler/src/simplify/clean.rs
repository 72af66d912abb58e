//! An adjoint that is zero again at the end of an iteration is made of zeros once, in front of the loop.
//!
//! ```text
//! for t reversed { let v_bar = [0; n]; .. v_bar += ..; for i in 0..n { let t = take v_bar[i]; .. } }
//!     ⟶   let v_bar = [0; n]; for t reversed { .. v_bar += ..; for i in 0..n { let t = take v_bar[i]; .. } }
//! ```
//!
//! *In:* a block. *Out:* the same; of long arrays alone, as a short one is made of zeros in no time, and may stand in registers.

use crate::analysis::elements;
use crate::ir::{Block, Code, Counting, Function, Header, Loop, Statement, Value, Var, edit, uses};

/// Fewer numbers are no long array.
const FEWEST: usize = 64;

/// Takes arrays of zeros that stay clean out of loops.
pub fn hoist(function: &Function, block: &mut Block) {
    let mut out: Block = Vec::with_capacity(block.len());
    for mut statement in std::mem::take(block) {
        edit::inner_blocks(&mut statement, &mut |inner| hoist(function, inner));
        if let Statement::Loop(each) = &mut statement {
            let clean: Vec<usize> = (0..each.body.len()).filter(|position| is_clean(function, &each.body, *position)).collect();
            for position in clean.into_iter().rev() {
                out.push(each.body.remove(position));
            }
        }
        out.push(statement);
    }
    *block = out;
}

/// Whether the statement declares a long array of zeros, of which the iteration takes every element in the end.
fn is_clean(function: &Function, body: &Block, position: usize) -> bool {
    let Statement::Let { var, value: Some(value), .. } = &body[position] else { return false };
    matches!(value, Value::Repeat(_, length) if is_long(length)) && stays_clean(function, &body[position + 1..], *var, value)
}

/// Whether the value is an array of zeros, of which statements that use it as the variable take every element in the end.
pub fn stays_clean(function: &Function, body: &[Statement], var: Var, value: &Value) -> bool {
    let Value::Repeat(zero, length) = value else { return false };
    if !matches!(**zero, Value::Zero) {
        return false;
    }
    let mentions = |statement: &Statement| {
        let mut found = false;
        uses::statement(statement, &mut |used| found |= used == var);
        found
    };
    let last = body.iter().rfind(|statement| mentions(statement));
    matches!(last, Some(Statement::Loop(each)) if takes_all(function, each, var, length))
}

/// Whether an array of this length, the same in all iterations, is long.
fn is_long(length: &Code) -> bool {
    length.reads.is_empty() && !length.is_inferred() && length.literal::<usize>().is_none_or(|length| length >= FEWEST)
}

/// Whether the loop takes every element of the array, and does nothing else with it.
fn takes_all(function: &Function, each: &Loop, var: Var, length: &Code) -> bool {
    let Header::Range(range) = &each.header else { return false };
    let mut mentions = 0;
    uses::block(&each.body, &mut |used| mentions += usize::from(used == var));
    let takes = |statement: &Statement| {
        matches!(statement, Statement::Let { var: number, value: Some(Value::Take(place, None)), .. }
            if place.root == var
                && function.is_scalar(*number)
                && matches!(place.path.as_slice(), [step] if elements::is_index(function, step, range.index)))
    };
    let is_whole = range.start.literal() == Some(0usize)
        && !range.inclusive
        && range.end.tokens.to_string() == length.tokens.to_string()
        && each.exit.is_none()
        && each.counting == Counting::None;
    mentions == 1 && is_whole && each.body.iter().any(takes)
}
