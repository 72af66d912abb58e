use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64], y: &[f64]) -> f64 {
    std::iter::zip(x, y).map(|(a, b)| a * b).sum()
}

fn main() {}
