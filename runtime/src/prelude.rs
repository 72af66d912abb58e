//! What programs import: `use differentiable::prelude::*;`

pub use crate::functions::{logsumexp, stop_gradient};
pub use crate::optimize::{AdaGrad, Adam, Decay, Momentum, Optimizer, RmsProp, Rule, Sgd};
pub use crate::real::Real;
pub use crate::train::{Batch, Flow, Shuffle, Trainer};
pub use crate::{Differentiable, differentiable};
