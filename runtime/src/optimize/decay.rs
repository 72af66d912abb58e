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

    /// The same for all parameters of a step.
    #[inline]
    pub(crate) fn at(self, rate: T) -> Pull<T> {
        match self {
            Self::None => Pull { kept: T::ONE, added: None },
            Self::L2(decay) => Pull { kept: T::ONE, added: Some(decay) },
            Self::Decoupled(decay) => Pull { kept: T::ONE - rate * decay, added: None },
        }
    }
}

/// How a step pulls parameters towards zero: without a branch in the loop over them, which would not be vectorised.
#[derive(Clone, Copy)]
pub(crate) struct Pull<T> {
    kept: T,
    added: Option<T>,
}

impl<T: Scalar> Pull<T> {
    /// The parameter and its gradient with the decay.
    #[inline]
    pub(crate) fn apply(self, param: T, gradient: T) -> (T, T) {
        (param * self.kept, self.added.map_or(gradient, |added| gradient + added * param))
    }
}
