//! Training: epochs of batches, from a rule and the derivative of a loss of one sample.
//!
//! ```
//! use differentiable::prelude::*;
//!
//! #[differentiable(wrt(p))]
//! fn loss(p: &[f64; 2], s: &(f64, f64)) -> f64 {
//!     (p[0] * s.0 + p[1] - s.1).powi(2)
//! }
//!
//! let samples = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (3.0, 7.0)];
//! let mut p = [0.0, 0.0];
//! let report = Trainer::new(Adam::new(0.1))
//!     .epochs(300)
//!     .batch(Batch::Mini(2))
//!     .shuffle(Shuffle::EachEpoch { seed: 7 })
//!     .fit(&mut p, &samples, loss::vjp)?;
//! assert!((p[0] - 2.0).abs() < 1e-2 && (p[1] - 1.0).abs() < 1e-2);
//! assert_eq!(report.last.iterations, 600);
//! # Ok::<(), differentiable::TrainError>(())
//! ```

mod error;
mod places;
mod report;
mod shuffle;
mod trainer;

pub use error::TrainError;
pub use report::{Epoch, Report};
pub use shuffle::{Permutation, Shuffle};
pub use trainer::{Batch, Flow, HeldOut, NoValidation, Trainer, Validation};
