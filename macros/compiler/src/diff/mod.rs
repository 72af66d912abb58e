//! The transforms: reverse mode and forward mode, from the representation to itself.

pub mod forward;
pub mod reverse;
pub mod schedule;
