//! Errors of training.

use core::error::Error;
use core::fmt::{self, Display, Formatter};

use crate::optimize::{ConfigError, StepError};

/// Why a training did not go on. The parameters are as the last update left them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum TrainError {
    /// A setting is out of its range.
    Config(ConfigError),
    /// A loss or a gradient is infinite or NaN; found before the update.
    NonFinite {
        /// Whether the loss itself is, or only its gradient.
        loss: bool,
        /// The epoch, from 1.
        epoch: usize,
        /// The update that was about to be made, from 1, over all epochs.
        iteration: u64,
        /// The index of the sample; none where every sample's gradient is finite and only their sum is not.
        sample: Option<usize>,
    },
    /// The optimizer refused the step.
    Step(StepError),
}

impl Display for TrainError {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Step(error) => error.fmt(f),
            Self::NonFinite { loss, epoch, iteration, sample } => {
                let what = if *loss { "loss" } else { "gradient" };
                match sample {
                    Some(sample) => {
                        write!(f, "the {what} of sample {sample} is not finite, in epoch {epoch}, iteration {iteration}")
                    }
                    None => write!(f, "the {what} of a batch is not finite, in epoch {epoch}, iteration {iteration}"),
                }
            }
        }
    }
}

impl Error for TrainError {}

impl From<ConfigError> for TrainError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<StepError> for TrainError {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}
