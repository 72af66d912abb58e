//! Random programs over the whole accepted language, compared with an oracle.
//!
//! ```text
//! seed ─▶ generate ─▶ tree ─▶ expansion ─▶ batch: crates of many programs, each in three dialects ─▶ check, inside of them ─▶ shrink what failed
//! ```
//!
//! A program runs as plain Rust, through the macro, and over the oracle's numbers ([`numbers`]), which hold num-dual's hyper-dual
//! numbers. The command is `cargo run -p differentiable-tests --bin random`.

pub mod batch;
pub mod check;
pub mod expansion;
pub mod flat;
pub mod generate;
pub mod harness;
pub mod numbers;
pub mod prng;
pub mod shrink;
pub mod tree;
