//! The training loop.

use core::ops::Range;

use crate::optimize::{ConfigError, Optimizer, Rule, StepError, at_least_zero, first_non_finite};
use crate::real::Real;
use crate::scalar::Number;
use crate::space::Differentiable;

use super::places::Places;
use super::{Epoch, Report, Shuffle, TrainError};

/// How many samples an update sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Batch {
    /// All: one update an epoch.
    #[default]
    Full,
    /// So many; the last batch of an epoch may have fewer, and its mean is over those.
    Mini(usize),
    /// One.
    Single,
}

/// Whether a training goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// With the next epoch.
    Continue,
    /// No: the training ends, and its report is given.
    Stop,
}

/// Measures parameters after each epoch.
pub trait Validation<P: Differentiable> {
    /// The mean loss on samples that are not trained on, where there are any.
    fn measure(&self, params: &P) -> Option<P::Scalar>;
}

/// No samples are held out.
#[derive(Clone, Copy, Debug)]
pub struct NoValidation;

impl<P: Differentiable> Validation<P> for NoValidation {
    fn measure(&self, _: &P) -> Option<P::Scalar> {
        None
    }
}

/// Samples that are not trained on, and their loss.
#[derive(Clone, Copy, Debug)]
pub struct HeldOut<'a, S, L> {
    samples: &'a [S],
    loss: L,
}

impl<P: Differentiable, S, L: Fn(&P, &S) -> P::Scalar> Validation<P> for HeldOut<'_, S, L> {
    fn measure(&self, params: &P) -> Option<P::Scalar> {
        if self.samples.is_empty() {
            return None;
        }
        let mut total = P::Scalar::ZERO;
        self.samples.iter().for_each(|sample| total += (self.loss)(params, sample));
        Some(total / P::Scalar::from_usize(self.samples.len()))
    }
}

/// The learning rate of an epoch, from its number and the rule's own rate.
type Schedule<T> = fn(usize, T) -> T;

/// Minimises the mean of the losses of samples.
///
/// An *epoch* visits every sample once, an *iteration* is one update of the parameters.
#[derive(Clone, Debug)]
pub struct Trainer<R: Rule, V = NoValidation, E = fn(&Epoch<<R as Rule>::Scalar>) -> Flow> {
    rule: R,
    epochs: usize,
    batch: Batch,
    shuffle: Shuffle,
    schedule: Option<Schedule<R::Scalar>>,
    clip: Option<Clip<R::Scalar>>,
    patience: Option<usize>,
    validation: V,
    on_epoch: E,
}

/// The largest norm of a gradient, and the root that measures it.
#[derive(Clone, Copy, Debug)]
struct Clip<T> {
    norm: T,
    root: fn(T) -> T,
}

impl<R: Rule> Trainer<R> {
    /// One hundred epochs of full batches, as the samples stand.
    pub fn new(rule: R) -> Self {
        Self {
            rule,
            epochs: 100,
            batch: Batch::Full,
            shuffle: Shuffle::Never,
            schedule: None,
            clip: None,
            patience: None,
            validation: NoValidation,
            on_epoch: |_| Flow::Continue,
        }
    }
}

impl<R: Rule, V, E> Trainer<R, V, E> {
    /// How often every sample is visited.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// How many samples an update sees.
    #[must_use]
    pub fn batch(self, batch: Batch) -> Self {
        Self { batch, ..self }
    }

    /// When the samples are put into a new order.
    #[must_use]
    pub fn shuffle(self, shuffle: Shuffle) -> Self {
        Self { shuffle, ..self }
    }

    /// The learning rate of each epoch, from its number, which counts from 1, and the rule's own rate.
    #[must_use]
    pub fn schedule(self, rate: fn(usize, R::Scalar) -> R::Scalar) -> Self {
        Self { schedule: Some(rate), ..self }
    }

    /// Ends the training when so many epochs in a row brought no new least loss: the validation loss where there is one, else the
    /// training loss. The first epoch's is the least so far, whatever it is; a later validation loss that is NaN is no new least.
    #[must_use]
    pub fn stop_after(self, epochs: usize) -> Self {
        Self { patience: Some(epochs), ..self }
    }

    /// Measures the loss on other samples after each epoch.
    #[must_use]
    pub fn validate<S, L>(self, samples: &[S], loss: L) -> Trainer<R, HeldOut<'_, S, L>, E> {
        let Self { rule, epochs, batch, shuffle, schedule, clip, patience, on_epoch, .. } = self;
        Trainer { rule, epochs, batch, shuffle, schedule, clip, patience, on_epoch, validation: HeldOut { samples, loss } }
    }

    /// Calls a function after each epoch, which may end the training.
    #[must_use]
    pub fn on_epoch<F: FnMut(&Epoch<R::Scalar>) -> Flow>(self, on_epoch: F) -> Trainer<R, V, F> {
        let Self { rule, epochs, batch, shuffle, schedule, clip, patience, validation, .. } = self;
        Trainer { rule, epochs, batch, shuffle, schedule, clip, patience, on_epoch, validation }
    }
}

impl<T: Real, R: Rule<Scalar = T>, V, E> Trainer<R, V, E> {
    /// Scales a batch's gradient down where its Euclidean norm is larger: Pascanu, Mikolov and Bengio, On the difficulty of training
    /// recurrent neural networks (2013).
    #[must_use]
    pub fn clip(self, norm: T) -> Self {
        Self { clip: Some(Clip { norm, root: T::sqrt }), ..self }
    }
}

impl<R: Rule, V, E: FnMut(&Epoch<R::Scalar>) -> Flow> Trainer<R, V, E> {
    /// Trains the parameters in place. `vjp` takes the parameters, a sample, a seed and the gradient that it adds to, and gives the
    /// loss: `loss::vjp` of a differentiable `loss(&params, &sample)`.
    ///
    /// # Errors
    ///
    /// A setting out of its range, no samples, or a loss or gradient that is not finite: then the parameters are as the last
    /// update left them.
    pub fn fit<P, S, L>(mut self, params: &mut P, samples: &[S], vjp: L) -> Result<Report<R::Scalar>, TrainError>
    where
        P: Differentiable<Scalar = R::Scalar>,
        V: Validation<P>,
        L: Fn(&P, &S, R::Scalar, &mut P) -> R::Scalar,
    {
        let size = self.batch_size(samples.len())?;
        let base = self.rule.learning_rate();
        let mut optimizer = self.rule.clone().start(params)?;
        let mut pass = Pass { gradient: params.zeros_like(), samples, vjp, size, clip: self.clip };
        let mut best: Option<(R::Scalar, usize)> = None;
        #[cfg(feature = "alloc")]
        let mut epochs = alloc::vec::Vec::new();
        let mut number = 1;
        loop {
            if let Some(schedule) = self.schedule {
                optimizer.set_learning_rate(schedule(number, base))?;
            }
            let loss = pass.run(number, Places::new(self.shuffle.permutation(samples.len(), number)), params, &mut optimizer)?;
            let last = Epoch {
                epoch: number,
                loss,
                validation: self.validation.measure(params),
                learning_rate: optimizer.learning_rate(),
                iterations: optimizer.steps(),
            };
            #[cfg(feature = "alloc")]
            epochs.push(last);
            let ended = (self.on_epoch)(&last) == Flow::Stop || number >= self.epochs || self.is_stuck(&last, &mut best);
            if ended {
                return Ok(Report {
                    #[cfg(feature = "alloc")]
                    epochs,
                    last,
                });
            }
            number += 1;
        }
    }

    fn batch_size(&self, samples: usize) -> Result<usize, ConfigError> {
        let size = match self.batch {
            Batch::Full => samples,
            Batch::Mini(size) => size,
            Batch::Single => 1,
        };
        let at_least_one = |field, value: usize| match value {
            0 => Err(ConfigError { field, value: 0.0, allowed: "at least 1" }),
            _ => Ok(()),
        };
        at_least_one("number of samples", samples)?;
        at_least_one("batch", size)?;
        at_least_one("epochs", self.epochs)?;
        at_least_one("stop_after", self.patience.unwrap_or(1))?;
        if let Some(clip) = self.clip {
            at_least_zero("clip", clip.norm)?;
        }
        Ok(size)
    }

    /// Whether the least loss is too many epochs ago. A validation loss that is NaN is never the least beside one that is a number.
    fn is_stuck(&self, epoch: &Epoch<R::Scalar>, best: &mut Option<(R::Scalar, usize)>) -> bool {
        let Some(patience) = self.patience else { return false };
        let loss = epoch.validation.unwrap_or(epoch.loss);
        let is_number = |loss: R::Scalar| loss.partial_cmp(&loss).is_some();
        match best {
            Some((least, since)) if !(loss < *least || is_number(loss) && !is_number(*least)) => epoch.epoch - *since >= patience,
            _ => {
                *best = Some((loss, epoch.epoch));
                false
            }
        }
    }
}

/// What one epoch works on.
struct Pass<'a, P: Differentiable, S, L> {
    gradient: P,
    samples: &'a [S],
    vjp: L,
    size: usize,
    clip: Option<Clip<P::Scalar>>,
}

impl<P: Differentiable, S, L: Fn(&P, &S, P::Scalar, &mut P) -> P::Scalar> Pass<'_, P, S, L> {
    /// Visits every sample once; gives the mean loss.
    fn run<R: Rule<Scalar = P::Scalar>>(
        &mut self,
        epoch: usize,
        mut order: Places,
        params: &mut P,
        optimizer: &mut Optimizer<R, P>,
    ) -> Result<P::Scalar, TrainError> {
        let count = self.samples.len();
        let mut total = P::Scalar::ZERO;
        let mut first = 0;
        while first < count {
            let end = count.min(first.saturating_add(self.size));
            let iteration = optimizer.steps() + 1;
            let stopped = |loss, sample| TrainError::NonFinite { loss, epoch, iteration, sample };
            match self.batch(first..end, &mut order, params) {
                Ok(loss) => total += loss,
                Err(sample) => return Err(stopped(true, Some(sample))),
            }
            self.clip_gradient();
            optimizer.step(params, &self.gradient).map_err(|error| match error {
                StepError::NonFinite { .. } => {
                    let mut samples = (first..end).map(|position| order.at(position));
                    stopped(false, samples.find(|sample| self.is_broken(params, *sample)))
                }
                error => error.into(),
            })?;
            first = end;
        }
        Ok(total / P::Scalar::from_usize(count))
    }

    /// Takes the gradient of the mean loss of a batch; gives the sum of its losses, or the first sample whose loss is not finite.
    fn batch(&mut self, positions: Range<usize>, order: &mut Places, params: &P) -> Result<P::Scalar, usize> {
        let Self { gradient, samples, vjp, .. } = self;
        P::leaves([gradient], [], &mut |[slice], []: [&[P::Scalar]; 0]| slice.fill(P::Scalar::ZERO));
        let seed = P::Scalar::ONE / P::Scalar::from_usize(positions.len());
        let mut total = P::Scalar::ZERO;
        for position in positions {
            let sample = order.at(position);
            let loss = vjp(params, &samples[sample], seed, gradient);
            if !loss.is_finite() {
                return Err(sample);
            }
            total += loss;
        }
        Ok(total)
    }

    /// Whether the gradient of one sample is not finite.
    fn is_broken(&self, params: &P, sample: usize) -> bool {
        let mut gradient = params.zeros_like();
        (self.vjp)(params, &self.samples[sample], P::Scalar::ONE, &mut gradient);
        first_non_finite(&gradient).is_some()
    }

    /// Scales the gradient down to the norm that it may have. The norm is taken in units of the largest entry where its square overflows;
    /// a gradient that is not finite stays so.
    fn clip_gradient(&mut self) {
        let Some(clip) = self.clip else { return };
        let mut unit = None;
        let mut square = sum_of_squares(&self.gradient, unit);
        if !square.is_finite() {
            unit = Some(largest(&self.gradient));
            square = sum_of_squares(&self.gradient, unit);
        }
        let (norm, bound) = ((clip.root)(square), measured(clip.norm, unit));
        if norm > bound {
            let scale = clip.norm / norm;
            P::leaves([&mut self.gradient], [], &mut |[slice], []: [&[P::Scalar]; 0]| {
                slice.iter_mut().for_each(|x| *x = measured(*x, unit) * scale);
            });
        }
    }
}

/// A number in a unit, if there is one.
fn measured<T: Number>(x: T, unit: Option<T>) -> T {
    unit.map_or(x, |unit| x / unit)
}

/// The sum of the squares of all entries, each measured in a unit.
fn sum_of_squares<P: Differentiable>(gradient: &P, unit: Option<P::Scalar>) -> P::Scalar {
    let mut sum = P::Scalar::ZERO;
    P::leaves([], [gradient], &mut |[]: [&mut [P::Scalar]; 0], [slice]| {
        slice.iter().map(|x| measured(*x, unit)).for_each(|x| sum += x * x);
    });
    sum
}

/// The largest magnitude of an entry.
fn largest<P: Differentiable>(gradient: &P) -> P::Scalar {
    let mut largest = P::Scalar::ZERO;
    P::leaves([], [gradient], &mut |[]: [&mut [P::Scalar]; 0], [slice]| {
        for &x in slice {
            let magnitude = if x < P::Scalar::ZERO { -x } else { x };
            if magnitude > largest {
                largest = magnitude;
            }
        }
    });
    largest
}
