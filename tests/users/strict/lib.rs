//! The functions of all editions, under every lint that rustc and clippy have for all: none may fire in what the macros write.
#![forbid(unsafe_code, missing_docs, nonstandard_style, clippy::pedantic)]
#![deny(warnings)] // what has more than seven parameters allows `clippy::too_many_arguments`, which `forbid` would warn of
#![forbid(rust_2018_idioms, unused, unreachable_pub, unused_qualifications, single_use_lifetimes, unused_lifetimes)]
#![forbid(trivial_casts, trivial_numeric_casts, let_underscore_drop, unused_results, missing_debug_implementations)]

#[path = "../shared/shadows.rs"]
pub mod shadows;
#[path = "../shared/shapes.rs"]
pub mod shapes;
