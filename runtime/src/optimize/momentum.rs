//! Gradient descent with momentum.

use crate::scalar::Scalar;
use crate::space::Differentiable;

use super::{ConfigError, Decay, Rule, at_least_zero};

/// Gradient descent with momentum: b ← µ·b + (1 − dampening)·g, x ← x − rate·b; the first b is g.
///
/// With `nesterov` the step is along g + µ·b: Sutskever et al., On the importance of initialization and momentum in deep
/// learning (2013), in PyTorch's form.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Momentum<T> {
    /// How far a step goes.
    pub learning_rate: T,
    /// µ: how much of the last direction is kept.
    pub momentum: T,
    /// How much of the gradient is left out of the direction.
    pub dampening: T,
    /// Looks ahead along the direction; needs a momentum and no dampening.
    pub nesterov: bool,
    /// How large parameters are held back.
    pub weight_decay: Decay<T>,
}

impl<T: Scalar> Momentum<T> {
    /// µ = 0.9, no dampening, no look-ahead, no weight decay.
    pub fn new(learning_rate: T) -> Self {
        let momentum = T::from_f64(0.9);
        Self { learning_rate, momentum, dampening: T::ZERO, nesterov: false, weight_decay: Decay::None }
    }

    /// The step of a leaf, given how much of the gradient enters. Slices of their own do not overlap, as the compiler then knows.
    #[inline]
    fn go(self, kept: T, params: &mut [T], direction: &mut [T], gradient: &[T]) {
        let Self { learning_rate, momentum, nesterov, weight_decay, .. } = self;
        let pull = weight_decay.at(learning_rate);
        for ((param, b), gradient) in params.iter_mut().zip(direction).zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *b = momentum * *b + kept * g;
            *param = x - learning_rate * if nesterov { g + momentum * *b } else { *b };
        }
    }
}

impl<T: Scalar> Rule for Momentum<T> {
    type Scalar = T;
    type State<P: Differentiable<Scalar = T>> = P;

    fn validate(&self) -> Result<(), ConfigError> {
        at_least_zero("learning_rate", self.learning_rate)?;
        at_least_zero("momentum", self.momentum)?;
        at_least_zero("dampening", self.dampening)?;
        if self.nesterov && self.momentum == T::ZERO {
            return Err(ConfigError { field: "momentum", value: 0.0, allowed: "above 0 where `nesterov` is set" });
        }
        if self.nesterov && self.dampening != T::ZERO {
            let value = self.dampening.to_f64();
            return Err(ConfigError { field: "dampening", value, allowed: "0 where `nesterov` is set" });
        }
        self.weight_decay.validate()
    }

    fn learning_rate(&self) -> T {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: T) {
        self.learning_rate = rate;
    }

    fn state<P: Differentiable<Scalar = T>>(&self, params: &P) -> P {
        params.zeros_like()
    }

    fn update<P: Differentiable<Scalar = T>>(&self, step: u64, state: &mut P, params: &mut P, gradient: &P) {
        let rule = *self;
        let kept = if step == 1 { T::ONE } else { T::ONE - rule.dampening };
        P::leaves([params, state], [gradient], &mut move |[params, direction], [gradient]| {
            rule.go(kept, params, direction, gradient);
        });
    }
}
