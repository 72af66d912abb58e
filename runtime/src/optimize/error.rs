//! Errors of optimizers.

use core::error::Error;
use core::fmt::{self, Display, Formatter};

use crate::scalar::Number;

/// A setting that is out of its range.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ConfigError {
    /// The name of the field.
    pub field: &'static str,
    /// What it holds.
    pub value: f64,
    /// What it may hold.
    pub allowed: &'static str,
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write!(f, "`{}` is {}: it must be {}", self.field, self.value, self.allowed)
    }
}

impl Error for ConfigError {}

/// A step that was not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepError {
    /// A `Vec` in the parameters or in the gradient has another length than when the optimizer was started.
    Shape,
    /// The gradient holds an infinity or a NaN.
    NonFinite {
        /// Which array or number of the parameters, in the order of their fields, from 0.
        leaf: usize,
        /// The index in it, across its rows.
        index: usize,
    },
}

impl Display for StepError {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Shape => write!(f, "the parameters or the gradient have another shape than when the optimizer was started"),
            Self::NonFinite { leaf, index } => {
                write!(f, "the gradient is not finite, in leaf {leaf} at index {index}: no step was made")
            }
        }
    }
}

impl Error for StepError {}

/// Checks that a setting is finite and not negative.
pub(crate) fn at_least_zero<T: Number>(field: &'static str, value: T) -> Result<(), ConfigError> {
    if value.is_finite() && value >= T::ZERO {
        return Ok(());
    }
    Err(ConfigError { field, value: value.to_f64(), allowed: "finite and not negative" })
}

/// Checks that a setting is at least 0 and below 1.
pub(crate) fn below_one<T: Number>(field: &'static str, value: T) -> Result<(), ConfigError> {
    if value >= T::ZERO && value < T::ONE {
        return Ok(());
    }
    Err(ConfigError { field, value: value.to_f64(), allowed: "at least 0 and below 1" })
}
