//! The order of the two sweeps of a function whose seed is known.
//!
//! *In:* a forward and a backward sweep. *Out:* one sequence of statements.

use crate::ir::Block;

use super::reverse::Reversed;

/// Puts the sweeps together.
pub fn fuse(reversed: &Reversed) -> Block {
    let mut body = reversed.forward.clone();
    body.extend(reversed.backward.iter().cloned());
    body
}
