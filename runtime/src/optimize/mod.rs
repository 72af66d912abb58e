//! Optimizers: rules that turn gradients into steps, with PyTorch's update formulas and defaults (but for Momentum's µ, 0.9).
//!
//! A rule is plain configuration. [`Rule::start`] checks it and gives an [`Optimizer`], which owns the state: values of the
//! parameters' own shape, and nothing on the heap beside them.
//!
//! ```
//! use differentiable::prelude::*;
//!
//! #[differentiable]
//! fn loss(x: f64) -> f64 {
//!     (x - 3.0).powi(2)
//! }
//!
//! let mut x = 0.0;
//! let mut optimizer = Adam::new(0.1).start(&x)?;
//! for _ in 0..500 {
//!     let gradient = loss::grad(x);
//!     optimizer.step(&mut x, &gradient)?;
//! }
//! assert!((x - 3.0).abs() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adagrad;
mod adam;
mod decay;
mod error;
mod momentum;
mod rmsprop;
mod sgd;

pub use adagrad::AdaGrad;
pub use adam::Adam;
pub use decay::Decay;
pub use error::{ConfigError, StepError};
pub use momentum::Momentum;
pub use rmsprop::RmsProp;
pub use sgd::Sgd;

pub(crate) use error::{at_least_zero, below_one};

use crate::scalar::Number;
use crate::space::Differentiable;

/// The configuration of an optimizer.
pub trait Rule: Clone {
    /// The type of the numbers that it updates.
    type Scalar: Number;
    /// What it remembers between steps, in the shape of the parameters.
    type State<P: Differentiable<Scalar = Self::Scalar>>;

    /// Checks every field.
    ///
    /// # Errors
    ///
    /// The first field that is out of its range.
    fn validate(&self) -> Result<(), ConfigError>;

    /// The learning rate.
    fn learning_rate(&self) -> Self::Scalar;

    /// Sets the learning rate.
    fn set_learning_rate(&mut self, rate: Self::Scalar);

    /// The state before the first step.
    #[doc(hidden)]
    fn state<P: Differentiable<Scalar = Self::Scalar>>(&self, params: &P) -> Self::State<P>;

    /// Step number `step`, which counts from 1.
    #[doc(hidden)]
    fn update<P: Differentiable<Scalar = Self::Scalar>>(
        &self,
        step: u64,
        state: &mut Self::State<P>,
        params: &mut P,
        gradient: &P,
    );

    /// An optimizer for parameters of this shape.
    ///
    /// # Errors
    ///
    /// If a field of the rule is out of its range.
    fn start<P: Differentiable<Scalar = Self::Scalar>>(self, params: &P) -> Result<Optimizer<Self, P>, ConfigError> {
        self.validate()?;
        Ok(Optimizer { state: self.state(params), shape: params.zeros_like(), rule: self, steps: 0 })
    }
}

/// A rule at work: its configuration and its state.
#[derive(Debug)]
pub struct Optimizer<R: Rule, P: Differentiable<Scalar = R::Scalar>> {
    rule: R,
    state: R::State<P>,
    /// Zeros in the shape that the state has.
    shape: P,
    steps: u64,
}

impl<R: Rule, P: Differentiable<Scalar = R::Scalar>> Optimizer<R, P> {
    /// Moves the parameters against the gradient.
    ///
    /// # Errors
    ///
    /// Where a `Vec` of the parameters or of the gradient has another length than at the start, and where the gradient holds an
    /// infinity or a NaN. Parameters and state are then as they were.
    pub fn step(&mut self, params: &mut P, gradient: &P) -> Result<(), StepError> {
        if !params.same_shape(&self.shape) || !gradient.same_shape(&self.shape) {
            return Err(StepError::Shape);
        }
        if let Some((leaf, index)) = first_non_finite(gradient) {
            return Err(StepError::NonFinite { leaf, index });
        }
        self.steps += 1;
        self.rule.update(self.steps, &mut self.state, params, gradient);
        Ok(())
    }

    /// How many steps were made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> R::Scalar {
        self.rule.learning_rate()
    }

    /// Sets the learning rate from the next step on.
    ///
    /// # Errors
    ///
    /// If it is negative or not finite; the old one then stays.
    pub fn set_learning_rate(&mut self, rate: R::Scalar) -> Result<(), ConfigError> {
        at_least_zero("learning_rate", rate)?;
        self.rule.set_learning_rate(rate);
        Ok(())
    }
}

/// Where the first infinity or NaN stands: the number of the leaf and the index in it.
pub(crate) fn first_non_finite<P: Differentiable>(gradient: &P) -> Option<(usize, usize)> {
    let mut found = None;
    let mut leaf = 0;
    P::leaves([], [gradient], &mut |[]: [&mut [P::Scalar]; 0], [slice]: [&[P::Scalar]; 1]| {
        // a pass without branches and without an order, and another one only where it finds something
        let all_finite = slice.iter().fold(true, |all, x| all & x.is_finite());
        if found.is_none() && !all_finite {
            found = slice.iter().position(|x| !x.is_finite()).map(|index| (leaf, index));
        }
        leaf += 1;
    });
    found
}
