//! The network: four inputs, eight hidden units with tanh, three classes with softmax.

use differentiable::prelude::*;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use crate::data::Sample;

/// The 67 parameters.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Params {
    pub w1: [[f64; 4]; 8],
    pub b1: [f64; 8],
    pub w2: [[f64; 8]; 3],
    pub b2: [f64; 3],
}

/// The scores of the three classes.
pub fn scores(p: &Params, x: &[f64; 4]) -> [f64; 3] {
    let hidden: [f64; 8] = std::array::from_fn(|h| (p.b1[h] + p.w1[h].iter().zip(x).map(|(w, x)| w * x).sum::<f64>()).tanh());
    std::array::from_fn(|c| p.b2[c] + p.w2[c].iter().zip(&hidden).map(|(w, a)| w * a).sum::<f64>())
}

/// The cross-entropy of one sample.
#[differentiable(wrt(p))]
pub fn loss(p: &Params, s: &Sample) -> f64 {
    let mut hidden = [0.0; 8];
    for h in 0..8 {
        let z: f64 = p.b1[h] + p.w1[h].iter().zip(&s.x).map(|(w, x)| w * x).sum::<f64>();
        hidden[h] = z.tanh();
    }
    let mut scores = p.b2;
    for c in 0..3 {
        scores[c] += p.w2[c].iter().zip(&hidden).map(|(w, a)| w * a).sum::<f64>();
    }
    let max = scores[0].max(scores[1]).max(scores[2]);
    let total: f64 = scores.iter().map(|score| (score - stop_gradient(max)).exp()).sum();
    total.ln() + stop_gradient(max) - scores[s.label]
}

/// The class with the highest score.
pub fn predict(p: &Params, x: &[f64; 4]) -> usize {
    let scores = scores(p, x);
    (0..3).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).expect("there are three classes")
}

/// The share of samples whose class is predicted.
pub fn accuracy(p: &Params, samples: &[Sample]) -> f64 {
    let right = samples.iter().filter(|sample| predict(p, &sample.x) == sample.label).count();
    right as f64 / samples.len() as f64
}

/// Weights drawn evenly, with the variance 1 / inputs; no bias.
pub fn initial(seed: u64) -> Params {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = |inputs: f64| random.random_range(-1.0..1.0) * (3.0 / inputs).sqrt();
    Params {
        w1: std::array::from_fn(|_| std::array::from_fn(|_| draw(4.0))),
        b1: [0.0; 8],
        w2: std::array::from_fn(|_| std::array::from_fn(|_| draw(8.0))),
        b2: [0.0; 3],
    }
}
