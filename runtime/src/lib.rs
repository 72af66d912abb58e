//! Derivatives of ordinary Rust functions, made at compile time.
#![no_std]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub use differentiable_macros::{Differentiable, differentiable};
