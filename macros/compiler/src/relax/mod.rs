//! What `relaxed` permits: sums in another order, and maths functions of many numbers at a time. And what is permitted without it: calls in blocks, each
//! as it is written, and chains for the sums that flow back.
//!
//! ```text
//! blocks     loop { .. exp(z) .. } ⟶ a block of operands, their exponentials, the rest of the block
//! chains     loop { s += e } ⟶ eight sums, of every eighth e each, which are added in the end
//! calls      logsumexp(x) ⟶ its exponentials many at a time
//! slopes     let y = tanh(x); .. d_tanh(x, y) .. ⟶ let y, slope = tanh(x); .. slope ..
//! elements   loop { loop { d_w[i] += e } } ⟶ let d_w_sums = []; loop { loop { d_w_sums[i] += e } } d_w[i] += d_w_sums[i]
//! windows    loop { x[i] } ⟶ the part of x that a block uses, of which no element is checked
//! ```
//!
//! *In:* the statements of a derivative, when all else is done: blocks before iterations are put side by side, chains for the sums that are
//! left alone. *Out:* the same, faster. Values and derivatives change by rounding alone, and are
//! the same on every machine; NaN, infinities, domains and kinks stay as they are. The function itself is not touched.

mod blocks;
mod calls;
mod chains;
mod elements;
pub mod index;
mod phases;
mod slopes;
mod windows;

use proc_macro2::TokenStream;

use crate::ir::{Block, Function};

/// Marks calls of functions of the runtime that compute many numbers at a time.
pub fn with_calls_of_many(block: &mut Block) {
    calls::mark(block);
}

/// Adds in variables of their own what loops inside of others add to the adjoints of short arrays.
pub fn with_elements_in_registers(function: &mut Function, block: &mut Block) {
    elements::add_in_registers(function, block);
}

/// Splits sums into chains; the function has so many variables of its own.
pub fn in_chains(function: &mut Function, block: &mut Block, own: usize, runtime: &TokenStream) {
    chains::split(function, block, own, chains::Which::All(runtime));
}

/// The same for the sums that flow back, so that values keep their bits.
pub fn backward_in_chains(function: &mut Function, block: &mut Block, own: usize, runtime: &TokenStream) {
    chains::split(function, block, own, chains::Which::Backward(runtime));
}

/// Cuts loops with calls into blocks of iterations, with vectorised maths.
pub fn in_blocks(function: &mut Function, block: &mut Block) {
    blocks::cut(function, block, phases::Order::Free, blocks::Which::All);
}

/// The same for loops that are one block each: before iterations of loops around them are put side by side, whose numbers then go through one call.
pub fn in_single_blocks(function: &mut Function, block: &mut Block) {
    blocks::cut(function, block, phases::Order::Free, blocks::Which::Single);
}

/// The same with the calls one by one, so that values keep their bits; the function has so many variables of its own.
pub fn with_calls_apart(function: &mut Function, block: &mut Block, own: usize) {
    blocks::cut(function, block, phases::Order::Kept(own), blocks::Which::All);
}
