//! Derivatives of ordinary Rust functions, made at compile time, and what uses them.
//!
//! [`macro@differentiable`] on a function makes its gradient and its directional derivative; [`macro@Differentiable`] on a struct makes it
//! something to differentiate with respect to. [`optimize`] holds the rules that follow gradients, [`train`] the loop over samples.
//!
//! ```
//! use differentiable::prelude::*;
//!
//! #[differentiable(wrt(w, b))]
//! fn loss(w: &[f64; 2], b: f64, x: &[f64; 2], y: f64) -> f64 {
//!     let z: f64 = b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
//!     (1.0 + (-y * z).exp()).ln()
//! }
//!
//! let (w, b, x, y) = ([0.5, -0.5], 0.1, [1.0, 2.0], 1.0);
//! let (value, (d_w, d_b)) = loss::value_and_grad(&w, b, &x, y);
//! assert_eq!(value, loss(&w, b, &x, y));
//! assert_eq!(d_w, [d_b * x[0], d_b * x[1]]);
//!
//! let (_, tangent) = loss::jvp(&w, b, &x, y, &[1.0, 0.0], 0.0);
//! assert_eq!(tangent, d_w[0]);
//! ```
//!
//! # Features
//!
//! * `std` (default): the maths of the standard library; implies `alloc`.
//! * `alloc`: `Vec` in parameters, `grad` of slices, and loops whose number of iterations is known only at run time.
//! * `fixed`: fixed-point numbers as scalars (the module `fixed`).
//! * `libm`: maths without the standard library. Without either there is no [`Real`], and [`Scalar`] remains.
//!
//! Nothing here is `unsafe`, and nothing allocates but the `Vec`s of the parameters and the records of such loops.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod check;
mod dual;
#[cfg(feature = "fixed")]
pub mod fixed;
mod functions;
pub mod guide;
mod maths;
pub mod optimize;
#[doc(hidden)]
pub mod partial;
mod path;
pub mod performance;
pub mod prelude;
mod random;
mod real;
#[doc(hidden)]
pub mod rt;
mod scalar;
mod space;
pub mod train;

pub use differentiable_macros::{Differentiable, differentiable};
pub use dual::Dual;
pub use functions::{logsumexp, stop_gradient};
pub use maths::{Maths, With};
pub use optimize::{AdaGrad, Adam, ConfigError, Decay, Momentum, Optimizer, RmsProp, Rule, Sgd, StepError};
pub use real::Real;
pub use scalar::{Number, Scalar};
pub use space::Differentiable;
pub use train::{Batch, Epoch, Flow, Report, Shuffle, TrainError, Trainer};
