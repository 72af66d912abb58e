//! AdaGrad.

use crate::real::Real;
use crate::space::Differentiable;

use super::{ConfigError, Decay, Rule, at_least_zero};

/// AdaGrad: s ← s + g², x ← x − rate / (1 + (t − 1)·lr_decay) · g / (√s + eps).
///
/// Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization (2011).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AdaGrad<T> {
    /// How far a step goes.
    pub learning_rate: T,
    /// How the rate falls with the number of steps.
    pub lr_decay: T,
    /// What s begins with.
    pub initial_accumulator: T,
    /// Keeps the quotient finite.
    pub eps: T,
    /// How large parameters are held back.
    pub weight_decay: Decay<T>,
}

impl<T: Real> AdaGrad<T> {
    /// `eps` = 1e-10, all else 0.
    pub fn new(learning_rate: T) -> Self {
        let eps = T::from_f64(1e-10);
        Self { learning_rate, lr_decay: T::ZERO, initial_accumulator: T::ZERO, eps, weight_decay: Decay::None }
    }

    /// The step of a leaf. Slices of their own do not overlap, as the compiler then knows.
    #[inline]
    fn go(self, rate: T, params: &mut [T], sums: &mut [T], gradient: &[T]) {
        let Self { learning_rate, eps, weight_decay, .. } = self;
        let pull = weight_decay.at(learning_rate);
        for ((param, s), gradient) in params.iter_mut().zip(sums).zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *s += g * g;
            *param = x - rate * (g / (s.sqrt() + eps));
        }
    }
}

impl<T: Real> Rule for AdaGrad<T> {
    type Scalar = T;
    type State<P: Differentiable<Scalar = T>> = P;

    fn validate(&self) -> Result<(), ConfigError> {
        at_least_zero("learning_rate", self.learning_rate)?;
        at_least_zero("lr_decay", self.lr_decay)?;
        at_least_zero("initial_accumulator", self.initial_accumulator)?;
        at_least_zero("eps", self.eps)?;
        self.weight_decay.validate()
    }

    fn learning_rate(&self) -> T {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: T) {
        self.learning_rate = rate;
    }

    fn state<P: Differentiable<Scalar = T>>(&self, params: &P) -> P {
        let mut state = params.zeros_like();
        P::leaves([&mut state], [], &mut |[sums], []: [&[T]; 0]| sums.fill(self.initial_accumulator));
        state
    }

    fn update<P: Differentiable<Scalar = T>>(&self, step: u64, state: &mut P, params: &mut P, gradient: &P) {
        let rule = *self;
        let rate = rule.learning_rate / (T::ONE + T::from_f64((step - 1) as f64) * rule.lr_decay);
        P::leaves([params, state], [gradient], &mut move |[params, sums], [gradient]| rule.go(rate, params, sums, gradient));
    }
}
