//! A network of 67 parameters learns on the device to tell species of iris apart.

mod flowers;

use differentiable::prelude::*;

pub use flowers::FLOWERS;

use crate::noise::Noise;

/// The parameters: four inputs, eight hidden units with tanh, three classes.
#[derive(Clone, Debug, Differentiable)]
pub struct Params<T: Real> {
    /// Weights of the hidden units.
    pub w1: [[T; 4]; 8],
    /// Their biases.
    pub b1: [T; 8],
    /// Weights of the classes.
    pub w2: [[T; 8]; 3],
    /// Their biases.
    pub b2: [T; 3],
}

/// A flower: its measurements in millimetres, and its species.
pub type Flower = ([u8; 4], u8);

/// The measurements, with about mean 0 and deviation 1.
#[inline]
pub fn standardised(flower: &Flower) -> [f32; 4] {
    const MEAN: [f32; 4] = [58.4, 30.6, 37.6, 12.0];
    const DEVIATION: [f32; 4] = [8.3, 4.3, 17.6, 7.6];
    core::array::from_fn(|i| (f32::from(flower.0[i]) - MEAN[i]) / DEVIATION[i])
}

/// The scores of the three classes.
#[differentiable(wrt(p))]
#[inline]
pub fn scores<T: Real>(p: &Params<T>, x: &[T; 4]) -> [T; 3] {
    let mut hidden = [T::ZERO; 8];
    for h in 0..8 {
        let z = p.b1[h] + p.w1[h].iter().zip(x).map(|(w, x)| w * x).sum::<T>();
        hidden[h] = z.tanh();
    }
    let mut scores = p.b2;
    for c in 0..3 {
        scores[c] += p.w2[c].iter().zip(&hidden).map(|(w, a)| w * a).sum::<T>();
    }
    scores
}

/// The cross-entropy of a flower.
#[differentiable(wrt(p))]
pub fn loss<T: Real>(p: &Params<T>, flower: &Flower) -> T {
    let x = standardised(flower).map(|x| T::from_f64(f64::from(x)));
    let scores = scores(p, &x);
    let max = stop_gradient(scores[0].max(scores[1]).max(scores[2]));
    let mut total = T::ZERO;
    for c in 0..3 {
        total += (scores[c] - max).exp();
    }
    total.ln() + max - scores[flower.1 as usize]
}

/// Weights drawn evenly, with about the variance 1 / inputs; no bias.
pub fn initial() -> Params<f32> {
    let mut noise = Noise(1);
    Params {
        w1: core::array::from_fn(|_| core::array::from_fn(|_| 0.87 * noise.draw())),
        b1: [0.0; 8],
        w2: core::array::from_fn(|_| core::array::from_fn(|_| 0.61 * noise.draw())),
        b2: [0.0; 3],
    }
}

/// How many flowers of those that `of` chooses are told right, and of how many.
fn told_right(p: &Params<f32>, of: impl Fn(usize) -> bool) -> (u32, u32) {
    let mut counts = (0, 0);
    for (_, flower) in FLOWERS.iter().enumerate().filter(|(index, _)| of(*index)) {
        let scores = scores(p, &standardised(flower));
        let best = (0..3).fold(0, |best, class| if scores[class] > scores[best] { class } else { best });
        counts.0 += u32::from(best == flower.1 as usize);
        counts.1 += 1;
    }
    counts
}

/// Trains with four flowers of five: the last loss, and the flowers told right among those, and among the others.
///
/// # Errors
///
/// None is expected.
pub fn run() -> Result<[f32; 3], differentiable::TrainError> {
    run_with(loss::vjp)
}

/// The same with another gradient.
///
/// # Errors
///
/// None is expected.
pub fn run_with(
    vjp: impl Fn(&Params<f32>, &Flower, f32, &mut Params<f32>) -> f32,
) -> Result<[f32; 3], differentiable::TrainError> {
    let mut samples = [FLOWERS[0]; 120];
    FLOWERS.iter().enumerate().filter(|(index, _)| index % 5 != 0).zip(&mut samples).for_each(|((_, from), to)| *to = *from);
    let mut params = initial();
    let report = Trainer::new(Adam::new(0.05)).epochs(20).batch(Batch::Mini(16)).shuffle(Shuffle::EachEpoch { seed: 7 }).fit(
        &mut params,
        &samples,
        vjp,
    )?;
    let ((train, _), (test, _)) = (told_right(&params, |i| i % 5 != 0), told_right(&params, |i| i % 5 == 0));
    Ok([report.last.loss, train as f32, test as f32])
}
