//! Gradient descent.

use crate::scalar::Scalar;
use crate::space::Differentiable;

use super::{ConfigError, Decay, Rule, at_least_zero};

/// Gradient descent: x ← x − rate · g.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sgd<T> {
    /// How far a step goes along the gradient.
    pub learning_rate: T,
    /// How large parameters are held back.
    pub weight_decay: Decay<T>,
}

impl<T: Scalar> Sgd<T> {
    /// No weight decay.
    pub fn new(learning_rate: T) -> Self {
        Self { learning_rate, weight_decay: Decay::None }
    }

    /// The step of a leaf. Slices of their own do not overlap, as the compiler then knows.
    #[inline]
    fn go(self, params: &mut [T], gradient: &[T]) {
        let Self { learning_rate, weight_decay } = self;
        let pull = weight_decay.at(learning_rate);
        for (param, gradient) in params.iter_mut().zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *param = x - learning_rate * g;
        }
    }
}

impl<T: Scalar> Rule for Sgd<T> {
    type Scalar = T;
    type State<P: Differentiable<Scalar = T>> = ();

    fn validate(&self) -> Result<(), ConfigError> {
        at_least_zero("learning_rate", self.learning_rate)?;
        self.weight_decay.validate()
    }

    fn learning_rate(&self) -> T {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: T) {
        self.learning_rate = rate;
    }

    fn state<P: Differentiable<Scalar = T>>(&self, _: &P) {}

    fn update<P: Differentiable<Scalar = T>>(&self, _: u64, (): &mut (), params: &mut P, gradient: &P) {
        let rule = *self;
        P::leaves([params], [gradient], &mut move |[params], [gradient]| rule.go(params, gradient));
    }
}
