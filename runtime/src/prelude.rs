//! What programs import: `use differentiable::prelude::*;`

pub use crate::functions::{logsumexp, stop_gradient};
pub use crate::real::Real;
pub use crate::{Differentiable, differentiable};
