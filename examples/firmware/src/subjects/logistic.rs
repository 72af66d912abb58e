//! The loss of logistic regression for one sample of four features.

use differentiable::Dual;
use differentiable::prelude::*;

/// ln(1 + e^(−y (w·x + b)))
#[differentiable(wrt(w, b))]
pub fn loss<T: Real>(w: &[T; 4], b: T, x: &[T; 4], y: T) -> T {
    let z = b + w.iter().zip(x).map(|(w, x)| w * x).sum::<T>();
    (1.0 + (-y * z).exp()).ln()
}

/// Weights, bias, features, label.
pub type Input = ([f32; 4], f32, [f32; 4], f32);

/// A sample.
pub const INPUT: Input = ([0.2, -0.5, 0.7, 0.1], 0.05, [1.0, 0.4, -0.3, 2.0], -1.0);

/// What the macro makes.
pub fn generated((w, b, x, y): &Input) -> (f32, ([f32; 4], f32)) {
    loss::value_and_grad(w, *b, x, *y)
}

/// One exponential for value and gradient.
pub fn by_hand((w, b, x, y): &Input) -> (f32, ([f32; 4], f32)) {
    let z = b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f32>();
    let e = (-y * z).exp();
    let slope = -y * (e / (1.0 + e));
    ((1.0 + e).ln(), (x.map(|x| slope * x), slope))
}

/// Five directions at once.
pub fn dual((w, b, x, y): &Input) -> (f32, ([f32; 4], f32)) {
    let [w0, w1, w2, w3, b] = Dual::<f32, 5>::variables([w[0], w[1], w[2], w[3], *b]);
    let value = loss(&[w0, w1, w2, w3], b, &x.map(Dual::constant), Dual::constant(*y));
    let [d0, d1, d2, d3, db] = value.tangents();
    (value.value(), ([d0, d1, d2, d3], db))
}
