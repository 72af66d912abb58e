//! Weight decay.

use crate::scalar::Scalar;

use super::{ConfigError, at_least_zero};

/// How large parameters are held back.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Decay<T> {
    /// Not at all.
    #[default]
    None,
    /// By adding so many times the parameter to its gradient.
    L2(T),
    /// By multiplying the parameter with 1 − rate · decay before each step: Loshchilov and Hutter, Decoupled Weight Decay
    /// Regularization (2019).
    Decoupled(T),
}

impl<T: Scalar> Decay<T> {
    pub(crate) fn validate(self) -> Result<(), ConfigError> {
        match self {
            Self::None => Ok(()),
            Self::L2(decay) | Self::Decoupled(decay) => at_least_zero("weight_decay", decay),
        }
    }

    /// The parameter and its gradient with the decay.
    #[inline]
    pub(crate) fn apply(self, rate: T, param: T, gradient: T) -> (T, T) {
        match self {
            Self::None => (param, gradient),
            Self::L2(decay) => (param, gradient + decay * param),
            Self::Decoupled(decay) => (param * (T::ONE - rate * decay), gradient),
        }
    }
}
