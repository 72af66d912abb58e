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
    scaled: P,
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

    /// Turns the gradient into the direction of the step: g / (√s + eps), in `into`.
    fn scale<P: Differentiable<Scalar = T>>(&self, square: &mut P, mean: Option<&mut P>, params: &P, gradient: &P, into: &mut P) {
        let Self { learning_rate, alpha, eps, weight_decay, .. } = *self;
        let rest = T::ONE - alpha;
        match mean {
            Some(mean) => P::leaves([square, mean, into], [params, gradient], &mut |[square, mean, into], [params, gradient]| {
                for ((((s, m), d), param), gradient) in square.iter_mut().zip(mean).zip(into).zip(params).zip(gradient) {
                    let (_, g) = weight_decay.apply(learning_rate, *param, *gradient);
                    *s = alpha * *s + rest * (g * g);
                    *m += rest * (g - *m);
                    *d = g / ((*s - *m * *m).sqrt() + eps);
                }
            }),
            None => P::leaves([square, into], [params, gradient], &mut |[square, into], [params, gradient]| {
                for (((s, d), param), gradient) in square.iter_mut().zip(into).zip(params).zip(gradient) {
                    let (_, g) = weight_decay.apply(learning_rate, *param, *gradient);
                    *s = alpha * *s + rest * (g * g);
                    *d = g / (s.sqrt() + eps);
                }
            }),
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
        RmsPropState { square: zeros(), mean: self.centered.then(zeros), direction, scaled: zeros() }
    }

    fn update<P: Differentiable<Scalar = T>>(&self, _: u64, state: &mut RmsPropState<P>, params: &mut P, gradient: &P) {
        let Self { learning_rate, momentum, weight_decay, .. } = *self;
        let RmsPropState { square, mean, direction, scaled } = state;
        self.scale(square, mean.as_mut(), params, gradient, scaled);
        if let Some(direction) = direction {
            P::leaves([direction], [scaled], &mut |[direction], [scaled]| {
                direction.iter_mut().zip(scaled).for_each(|(b, d)| *b = momentum * *b + *d);
            });
        }
        let step = direction.as_ref().unwrap_or(scaled);
        P::leaves([params], [step], &mut |[params], [step]| {
            for (param, d) in params.iter_mut().zip(step) {
                let (x, _) = weight_decay.apply(learning_rate, *param, T::ZERO);
                *param = x - learning_rate * *d;
            }
        });
    }
}
