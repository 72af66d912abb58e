//! A polynomial by its coefficients and its argument.

use differentiable::Dual;
use differentiable::prelude::*;

/// Σ cᵢ xⁱ by Horner's scheme.
#[differentiable]
pub fn polynomial<T: Real>(c: &[T; 6], x: T) -> T {
    let mut sum = c[5];
    for i in (0..5).rev() {
        sum = sum * x + c[i];
    }
    sum
}

/// Coefficients and argument.
pub type Input = ([f32; 6], f32);

/// Where it is evaluated.
pub const INPUT: Input = ([0.3, -1.2, 0.7, 0.05, -0.4, 0.21], 0.8);

/// What the macro makes.
pub fn generated((c, x): &Input) -> (f32, ([f32; 6], f32)) {
    polynomial::value_and_grad(c, *x)
}

/// The derivative by `x` is a second scheme beside the first; the powers of `x` are those by the coefficients.
pub fn by_hand((c, x): &Input) -> (f32, ([f32; 6], f32)) {
    let (mut sum, mut slope) = (c[5], 0.0);
    for i in (0..5).rev() {
        slope = slope * x + sum;
        sum = sum * x + c[i];
    }
    let mut powers = [1.0; 6];
    for i in 1..6 {
        powers[i] = powers[i - 1] * x;
    }
    (sum, (powers, slope))
}

/// Seven directions at once.
pub fn dual((c, x): &Input) -> (f32, ([f32; 6], f32)) {
    let [c0, c1, c2, c3, c4, c5, x] = Dual::<f32, 7>::variables([c[0], c[1], c[2], c[3], c[4], c[5], *x]);
    let y = polynomial(&[c0, c1, c2, c3, c4, c5], x);
    let [d0, d1, d2, d3, d4, d5, dx] = y.tangents();
    (y.value(), ([d0, d1, d2, d3, d4, d5], dx))
}
