//! Derivatives of ordinary Rust functions, made at compile time.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod functions;
pub mod optimize;
#[doc(hidden)]
pub mod partial;
pub mod prelude;
mod real;
#[doc(hidden)]
pub mod rt;
mod scalar;
mod space;
pub mod train;

pub use differentiable_macros::{Differentiable, differentiable};
pub use functions::{logsumexp, stop_gradient};
pub use optimize::{AdaGrad, Adam, ConfigError, Decay, Momentum, Optimizer, RmsProp, Rule, Sgd, StepError};
pub use real::Real;
pub use scalar::{Number, Scalar};
pub use space::Differentiable;
pub use train::{Batch, Epoch, Flow, Report, Shuffle, TrainError, Trainer};
