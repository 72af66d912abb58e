//! Tests across the crates of `differentiable`; they stand in the folder `tests`.
