//! Small functions whose gradients are measured: as generated, as written by hand, and with dual numbers.
//!
//! Each is a module with an `INPUT` and three functions of it, `generated`, `by_hand` and `dual`, which give the value and the derivatives. `budgets`
//! links one of them at a time.

pub mod attitude;
pub mod ellipsoid;
pub mod logistic;
pub mod network;
pub mod polynomial;
pub mod range_bearing;
pub mod thermistor;
