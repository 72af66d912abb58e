//! The transforms: reverse mode and forward mode, from the representation to itself.

pub mod forward;
pub mod reverse;
pub mod schedule;

use crate::ir::{Block, Function, Var};
use forward::{Pushed, WithSlots};
use reverse::Reversed;

/// The tangent of a gradient: forward mode applied to what reverse mode gave.
#[derive(Debug)]
pub struct Second {
    /// Both sweeps with their tangents, in one sequence or one after the other.
    pub pushed: Pushed,
    /// The cotangent of the result.
    pub seed: Var,
    /// Its tangent, where it has one.
    pub seed_tangent: Option<Var>,
    /// The slots of the adjoints.
    pub slots: Vec<Option<Var>>,
    /// The slots of their tangents.
    pub slot_tangents: Vec<Option<Var>>,
    /// Where the backward sweep begins, if it comes after the forward sweep as a whole.
    pub middle: usize,
}

/// Differentiates a gradient once more: loops run in one go where they can.
pub fn second(reversed: &Reversed) -> Second {
    with_tangents(reversed, schedule::fuse_loops(reversed), None, 0)
}

/// Differentiates both sweeps once more, one after the other, with the tangent of the cotangent.
pub fn second_apart(reversed: &Reversed) -> Second {
    let mut body = reversed.forward.clone();
    let middle = body.len();
    body.extend(reversed.backward.iter().cloned());
    with_tangents(reversed, body, Some(reversed.seed), middle)
}

fn with_tangents(reversed: &Reversed, body: Block, seed: Option<Var>, middle: usize) -> Second {
    let function = Function { body, ..reversed.function.clone() };
    let WithSlots { pushed, slot_tangents, seed_tangent, middle } =
        forward::forward_with_slots(&function, &reversed.slots, seed, middle);
    Second { pushed, seed: reversed.seed, seed_tangent, slots: reversed.slots.clone(), slot_tangents, middle }
}
