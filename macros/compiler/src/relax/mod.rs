//! What `relaxed` permits: sums in another order, and maths functions of many numbers at a time.
//!
//! ```text
//! blocks     loop { .. exp(z) .. } ⟶ a block of operands, their exponentials, the rest of the block
//! chains     loop { s += e } ⟶ eight sums, of every eighth e each, which are added in the end
//! ```
//!
//! *In:* the statements of a derivative, when all else is done: blocks before iterations are put side by side, chains for the sums that are
//! left alone. *Out:* the same, faster. Values and derivatives change by rounding alone, and are
//! the same on every machine; NaN, infinities, domains and kinks stay as they are. The function itself is not touched.

mod blocks;
mod chains;
mod index;
mod phases;

pub use blocks::cut as in_blocks;
pub use chains::split as in_chains;
