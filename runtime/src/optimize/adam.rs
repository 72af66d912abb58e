//! Adam.

use crate::real::Real;
use crate::space::Differentiable;

use super::{ConfigError, Decay, Rule, at_least_zero, below_one};

/// Adam: m ← m + (1 − β₁)·(g − m), v ← β₂·v + (1 − β₂)·g², x ← x − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps).
///
/// Kingma and Ba, Adam: A Method for Stochastic Optimization (2015). With [`Decay::Decoupled`] it is AdamW. With `amsgrad` the
/// largest v so far takes the place of v: Reddi, Kale and Kumar, On the Convergence of Adam and Beyond (2018).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Adam<T> {
    /// How far a step goes.
    pub learning_rate: T,
    /// How much of the mean gradient is kept.
    pub beta1: T,
    /// How much of the mean square is kept.
    pub beta2: T,
    /// Keeps the quotient finite.
    pub eps: T,
    /// Divides by the largest mean square so far.
    pub amsgrad: bool,
    /// How large parameters are held back.
    pub weight_decay: Decay<T>,
}

/// What [`Adam`] remembers.
#[derive(Clone, Debug)]
pub struct AdamState<P> {
    mean: P,
    square: P,
    largest: Option<P>,
}

/// What is the same for every parameter in one step.
#[derive(Clone, Copy)]
struct Step<T> {
    size: T,
    /// 1/√(1 − β₂ᵗ).
    scale: T,
}

impl<T: Real> Adam<T> {
    /// β₁ = 0.9, β₂ = 0.999, `eps` = 1e-8, no weight decay.
    pub fn new(learning_rate: T) -> Self {
        Self {
            learning_rate,
            beta1: T::from_f64(0.9),
            beta2: T::from_f64(0.999),
            eps: T::from_f64(1e-8),
            amsgrad: false,
            weight_decay: Decay::None,
        }
    }

    /// The parameter after the step, given the square to divide by.
    #[inline]
    fn moved(&self, step: Step<T>, x: T, mean: T, square: T) -> T {
        x - step.size * (mean / (square.sqrt() * step.scale + self.eps))
    }

    /// Updates both means by the gradient.
    #[inline]
    fn remember(&self, g: T, mean: &mut T, square: &mut T) {
        *mean += (T::ONE - self.beta1) * (g - *mean);
        *square = self.beta2 * *square + (T::ONE - self.beta2) * (g * g);
    }

    /// The step of a leaf. Slices of their own do not overlap, as the compiler then knows.
    #[inline]
    fn go(self, step: Step<T>, params: &mut [T], mean: &mut [T], square: &mut [T], gradient: &[T]) {
        let pull = self.weight_decay.at(self.learning_rate);
        for (((param, m), v), g) in params.iter_mut().zip(mean).zip(square).zip(gradient) {
            let (x, g) = pull.apply(*param, *g);
            self.remember(g, m, v);
            *param = self.moved(step, x, *m, *v);
        }
    }

    /// The same with the largest square so far.
    #[inline]
    fn go_by_the_largest(
        self,
        step: Step<T>,
        params: &mut [T],
        mean: &mut [T],
        square: &mut [T],
        largest: &mut [T],
        gradient: &[T],
    ) {
        let pull = self.weight_decay.at(self.learning_rate);
        for ((((param, m), v), top), g) in params.iter_mut().zip(mean).zip(square).zip(largest).zip(gradient) {
            let (x, g) = pull.apply(*param, *g);
            self.remember(g, m, v);
            *top = if *v > *top { *v } else { *top };
            *param = self.moved(step, x, *m, *top);
        }
    }
}

impl<T: Real> Rule for Adam<T> {
    type Scalar = T;
    type State<P: Differentiable<Scalar = T>> = AdamState<P>;

    fn validate(&self) -> Result<(), ConfigError> {
        at_least_zero("learning_rate", self.learning_rate)?;
        below_one("beta1", self.beta1)?;
        below_one("beta2", self.beta2)?;
        at_least_zero("eps", self.eps)?;
        self.weight_decay.validate()
    }

    fn learning_rate(&self) -> T {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: T) {
        self.learning_rate = rate;
    }

    fn state<P: Differentiable<Scalar = T>>(&self, params: &P) -> AdamState<P> {
        let zeros = || params.zeros_like();
        AdamState { mean: zeros(), square: zeros(), largest: self.amsgrad.then(zeros) }
    }

    fn update<P: Differentiable<Scalar = T>>(&self, step: u64, state: &mut AdamState<P>, params: &mut P, gradient: &P) {
        let step = Step {
            size: self.learning_rate / T::from_f64(1.0 - power(self.beta1.to_f64(), step)),
            scale: T::from_f64(1.0 - power(self.beta2.to_f64(), step)).sqrt().recip(),
        };
        let AdamState { mean, square, largest } = state;
        let rule = *self;
        match largest {
            Some(largest) => {
                P::leaves([params, mean, square, largest], [gradient], &mut move |[params, mean, square, largest], [gradient]| {
                    rule.go_by_the_largest(step, params, mean, square, largest, gradient);
                })
            }
            None => P::leaves([params, mean, square], [gradient], &mut move |[params, mean, square], [gradient]| {
                rule.go(step, params, mean, square, gradient);
            }),
        }
    }
}

/// A power by repeated squaring, in double precision: in single precision 1 − βᵗ would lose most of its digits.
fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power *= base;
        }
        base *= base;
        exponent /= 2;
    }
    power
}
