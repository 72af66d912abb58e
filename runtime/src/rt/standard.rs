//! The macros of the standard library that are known by their names: beside a glob import of these, another macro of such a name is ambiguous.

pub use super::vec;
#[cfg(feature = "alloc")]
pub use alloc::format;
pub use core::{assert, assert_eq, assert_ne, debug_assert, debug_assert_eq, debug_assert_ne, matches};
#[cfg(feature = "std")]
pub use std::{dbg, eprint, eprintln, print, println};
