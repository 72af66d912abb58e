//! The transforms: reverse mode and forward mode, from the representation to itself.

pub mod forward;
pub mod reverse;
pub mod schedule;

use crate::ir::{Block, Function, Statement, Var};
use forward::Pushed;
use reverse::Reversed;

/// The tangent of a gradient: forward mode applied to what reverse mode gave.
#[derive(Debug)]
pub struct Second {
    /// Both sweeps in one sequence, with their tangents.
    pub pushed: Pushed,
    /// The cotangent of the result.
    pub seed: Var,
    /// The slots of the adjoints.
    pub slots: Vec<Option<Var>>,
    /// The slots of their tangents.
    pub slot_tangents: Vec<Option<Var>>,
}

/// Differentiates a function twice.
pub fn second(reversed: &Reversed) -> Second {
    let function = Function { body: schedule::fuse(reversed), ..reversed.function.clone() };
    let (pushed, slot_tangents) = forward::forward_with_slots(&function, &reversed.slots);
    Second { pushed, seed: reversed.seed, slots: reversed.slots.clone(), slot_tangents }
}

/// The calls of other differentiable functions in a block.
pub fn calls(block: &Block) -> Vec<proc_macro2::Span> {
    let inner = |statement: &Statement| match statement {
        Statement::Call(call) => vec![call.span],
        Statement::Branch(branch) => branch.arms.iter().flat_map(|arm| calls(&arm.body)).collect(),
        Statement::Loop(each) => calls(&each.body),
        _ => Vec::new(),
    };
    block.iter().flat_map(inner).collect()
}
