//! Which adjoints of parameters get a contribution in each of their numbers, whatever runs.
//!
//! *In:* both sweeps as one sequence. *Out:* whether the sequence itself adds to the slot of a parameter, a number or an array of them: to each element by its literal
//! index, or in a loop over all of them.
//!
//! A gradient by value may begin with −0.0 there, to which adding is to store, as `-0.0 + e` is `e` for every float; `0.0 + e` is not where `e` is −0.0, so that the back end has
//! to add. Where no contribution comes, −0.0 would be seen. The sweeps read nothing of a slot but to add to it, as `vjp` lends them adjoints that hold anything.

use std::collections::BTreeSet;

use crate::ir::{Block, Function, Operand, Place, Statement, Step, Var, literal};

use super::elements;

/// The most elements of an array that is looked at: more are added to in memory, where −0.0 saves nothing.
const MOST: usize = 16;

/// Whether the block adds to all of the slot of a parameter.
pub fn is_covered(function: &Function, block: &Block, parameter: Var, slot: Var) -> bool {
    let is_whole = |statement: &Statement| added(statement, slot).is_some_and(|place| place.path.is_empty());
    if function.is_scalar(parameter) {
        return block.iter().any(is_whole);
    }
    let Some([Some(length)]) = function.dimensions.get(&parameter).map(Vec::as_slice) else { return false };
    let Some(length) = literal::<usize>(length).filter(|length| *length <= MOST) else { return false };
    let covered: BTreeSet<usize> = block.iter().flat_map(|statement| elements_of(function, statement, slot)).collect();
    (0..length).all(|element| covered.contains(&element))
}

/// The place in the slot that a statement adds a number to.
fn added(statement: &Statement, slot: Var) -> Option<&Place> {
    match statement {
        Statement::Add { place, whole: false, .. } if place.root == slot => Some(place),
        _ => None,
    }
}

/// The elements that a statement adds a number to.
fn elements_of(function: &Function, statement: &Statement, slot: Var) -> Vec<usize> {
    if let Some([Step::Index(Operand::Code(index))]) = added(statement, slot).map(|place| place.path.as_slice()) {
        return index.literal().into_iter().collect();
    }
    let Statement::Loop(each) = statement else { return Vec::new() };
    let Some((range, elements)) = each.to_its_end().and_then(|range| Some((range, range.literal()?))) else { return Vec::new() };
    let is_own = |place: &Place| matches!(place.path.as_slice(), [step] if elements::is_index(function, step, range.index));
    let all = each.body.iter().any(|statement| added(statement, slot).is_some_and(is_own));
    elements.filter(|_| all).collect()
}
