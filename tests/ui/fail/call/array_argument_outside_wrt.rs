use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn weighted(x: &[f64; 2], w: &[f64; 2]) -> f64 {
    x[0] * w[0] + x[1] * w[1]
}

#[differentiable]
fn f(x: f64) -> f64 {
    weighted(&[x, x], &[x, 1.0])
}

fn main() {}
