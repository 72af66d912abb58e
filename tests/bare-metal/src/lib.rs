//! Differentiates and trains without std and alloc.
#![no_std]
#![forbid(unsafe_code)]

use differentiable::prelude::*;

/// A small network's parameters.
#[derive(Clone, Differentiable)]
pub struct Params {
    /// Weights.
    pub w: [[f32; 2]; 3],
    /// Biases.
    pub b: [f32; 3],
}

/// A loss with a loop whose reverse sweep keeps values, which has a place on the stack.
#[differentiable(wrt(p))]
pub fn loss(p: &Params, sample: &([f32; 2], f32)) -> f32 {
    let mut y = 0.0;
    for i in 0..3 {
        let z = p.b[i] + p.w[i].iter().zip(&sample.0).map(|(w, x)| w * x).sum::<f32>();
        y += Real::tanh(z);
    }
    (y - sample.1) * (y - sample.1)
}

/// A loop over as many samples as there are: nothing is kept of its iterations, so it needs no heap.
#[differentiable(wrt(w))]
pub fn mean(w: &[f32; 2], samples: &[[f32; 2]]) -> f32 {
    let mut total = 0.0;
    for i in 0..samples.len() {
        let z = w[0] * samples[i][0] + w[1];
        total += Real::exp(-z) * samples[i][1];
    }
    total / samples.len() as f32
}

/// A loop of constant length, whose records have a place on the stack.
#[differentiable]
pub fn iterate<const N: usize>(x: f32) -> f32 {
    const STEPS: usize = 5;
    let mut y = x;
    for _ in 0..N {
        y = Real::sin(y);
    }
    for _ in 0..STEPS {
        y = Real::cos(y);
    }
    y
}

/// Loops over arrays whose types say how long they are: what they keep has a place on the stack as well.
#[differentiable]
pub fn chain(x: &[f32; LENGTH], y: &[f32; 3]) -> f32 {
    let mut s = 0.3;
    for v in x {
        s = Real::sin(s * v);
    }
    y.iter().zip(y.iter().rev()).fold(s, |s, (a, b)| Real::cos(s * a) + b)
}

/// A call that gives the same in each iteration, of a function whose two halves would need a heap.
#[differentiable(wrt(w))]
pub fn scaled(w: &[f32; 2], samples: &[[f32; 2]], factors: &[f32]) -> f32 {
    let mut total = 0.0;
    for factor in factors {
        total += factor * mean(w, samples);
    }
    total
}

/// Its gradient.
pub fn gradient_of_scaled(w: &[f32; 2], samples: &[[f32; 2]], factors: &[f32]) -> [f32; 2] {
    scaled::grad(w, samples, factors)
}

/// How many numbers the chain is made of.
pub const LENGTH: usize = 5;

/// Both sweeps of the chain, apart.
pub fn both(x: &[f32; LENGTH], y: &[f32; 3]) -> ([f32; LENGTH], [f32; 3]) {
    let (mut d_x, mut d_y) = ([0.0; LENGTH], [0.0; 3]);
    let (_, back) = chain::pullback(x, y);
    back(1.0, &mut d_x, &mut d_y);
    (d_x, d_y)
}

/// The gradient of the mean.
pub fn gradient(w: &[f32; 2], samples: &[[f32; 2]]) -> [f32; 2] {
    mean::grad(w, samples)
}

/// Trains the parameters.
pub fn train(params: &mut Params, samples: &[([f32; 2], f32)]) -> Result<f32, differentiable::TrainError> {
    let report = Trainer::new(Adam::new(0.01)).epochs(10).batch(Batch::Single).fit(params, samples, loss::vjp)?;
    Ok(report.last.loss)
}
