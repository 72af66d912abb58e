//! RMSprop.

use crate::real::Real;
use crate::space::Differentiable;

use super::{ConfigError, Decay, Rule, at_least_zero, below_one};

/// RMSprop: s ← α·s + (1 − α)·g², x ← x − rate · g / (√s + eps).
///
/// `centered` subtracts the square of the mean gradient from s; with a `momentum` µ, b ← µ·b + g / (√s + eps) is the direction.
/// Hinton, Neural Networks for Machine Learning, lecture 6 (2012); centered: Graves, Generating Sequences With Recurrent Neural
/// Networks (2013).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RmsProp<T> {
    /// How far a step goes.
    pub learning_rate: T,
    /// α: how much of the mean square is kept.
    pub alpha: T,
    /// Keeps the quotient finite.
    pub eps: T,
    /// How much of the last direction is kept.
    pub momentum: T,
    /// Divides by the standard deviation of the gradient instead of by its root mean square.
    pub centered: bool,
    /// How large parameters are held back.
    pub weight_decay: Decay<T>,
}

/// What [`RmsProp`] remembers.
#[derive(Clone, Debug)]
pub struct RmsPropState<P> {
    square: P,
    mean: Option<P>,
    direction: Option<P>,
}

impl<T: Real> RmsProp<T> {
    /// α = 0.99, `eps` = 1e-8, no momentum, not centered, no weight decay.
    pub fn new(learning_rate: T) -> Self {
        Self {
            learning_rate,
            alpha: T::from_f64(0.99),
            eps: T::from_f64(1e-8),
            momentum: T::ZERO,
            centered: false,
            weight_decay: Decay::None,
        }
    }

    /// g / (√s + eps).
    #[inline]
    fn scaled(&self, g: T, square: &mut T) -> T {
        *square = self.alpha * *square + (T::ONE - self.alpha) * (g * g);
        g / (square.sqrt() + self.eps)
    }

    /// The same with the square of the mean gradient subtracted from s.
    #[inline]
    fn centered(&self, g: T, square: &mut T, mean: &mut T) -> T {
        let rest = T::ONE - self.alpha;
        *square = self.alpha * *square + rest * (g * g);
        *mean += rest * (g - *mean);
        // rounding may leave less than zero of what is none, where the gradient stays the same for long
        let variance = *square - *mean * *mean;
        g / (if variance < T::ZERO { T::ZERO } else { variance }.sqrt() + self.eps)
    }

    /// The parameter after the step, given the scaled gradient.
    #[inline]
    fn moved(&self, x: T, scaled: T, direction: &mut T) -> T {
        *direction = self.momentum * *direction + scaled;
        x - self.learning_rate * *direction
    }

    /// The step of a leaf. Slices of their own do not overlap, as the compiler then knows.
    #[inline]
    fn go(self, params: &mut [T], square: &mut [T], gradient: &[T]) {
        let pull = self.weight_decay.at(self.learning_rate);
        for ((param, s), gradient) in params.iter_mut().zip(square).zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *param = x - self.learning_rate * self.scaled(g, s);
        }
    }

    #[inline]
    fn go_centered(self, params: &mut [T], square: &mut [T], mean: &mut [T], gradient: &[T]) {
        let pull = self.weight_decay.at(self.learning_rate);
        for (((param, s), m), gradient) in params.iter_mut().zip(square).zip(mean).zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *param = x - self.learning_rate * self.centered(g, s, m);
        }
    }

    #[inline]
    fn go_along(self, params: &mut [T], square: &mut [T], direction: &mut [T], gradient: &[T]) {
        let pull = self.weight_decay.at(self.learning_rate);
        for (((param, s), b), gradient) in params.iter_mut().zip(square).zip(direction).zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *param = self.moved(x, self.scaled(g, s), b);
        }
    }

    #[inline]
    fn go_along_centered(self, params: &mut [T], square: &mut [T], mean: &mut [T], direction: &mut [T], gradient: &[T]) {
        let pull = self.weight_decay.at(self.learning_rate);
        for ((((param, s), m), b), gradient) in params.iter_mut().zip(square).zip(mean).zip(direction).zip(gradient) {
            let (x, g) = pull.apply(*param, *gradient);
            *param = self.moved(x, self.centered(g, s, m), b);
        }
    }
}

impl<T: Real> Rule for RmsProp<T> {
    type Scalar = T;
    type State<P: Differentiable<Scalar = T>> = RmsPropState<P>;

    fn validate(&self) -> Result<(), ConfigError> {
        at_least_zero("learning_rate", self.learning_rate)?;
        below_one("alpha", self.alpha)?;
        at_least_zero("eps", self.eps)?;
        at_least_zero("momentum", self.momentum)?;
        self.weight_decay.validate()
    }

    fn learning_rate(&self) -> T {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: T) {
        self.learning_rate = rate;
    }

    fn state<P: Differentiable<Scalar = T>>(&self, params: &P) -> RmsPropState<P> {
        let zeros = || params.zeros_like();
        let direction = (self.momentum != T::ZERO).then(zeros);
        RmsPropState { square: zeros(), mean: self.centered.then(zeros), direction }
    }

    fn update<P: Differentiable<Scalar = T>>(&self, _: u64, state: &mut RmsPropState<P>, params: &mut P, gradient: &P) {
        let rule = *self;
        let RmsPropState { square, mean, direction } = state;
        match (mean, direction) {
            (None, None) => P::leaves([params, square], [gradient], &mut move |[params, square], [gradient]| {
                rule.go(params, square, gradient);
            }),
            (Some(mean), None) => {
                P::leaves([params, square, mean], [gradient], &mut move |[params, square, mean], [gradient]| {
                    rule.go_centered(params, square, mean, gradient);
                })
            }
            (None, Some(direction)) => {
                P::leaves([params, square, direction], [gradient], &mut move |[params, square, direction], [gradient]| {
                    rule.go_along(params, square, direction, gradient);
                });
            }
            (Some(mean), Some(direction)) => P::leaves(
                [params, square, mean, direction],
                [gradient],
                &mut move |[params, square, mean, direction], [gradient]| {
                    rule.go_along_centered(params, square, mean, direction, gradient);
                },
            ),
        }
    }
}
