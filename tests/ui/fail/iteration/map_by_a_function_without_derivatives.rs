use differentiable::prelude::*;

fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn f(x: &[f64]) -> f64 {
    x.iter().copied().map(square).sum()
}

fn main() {}
