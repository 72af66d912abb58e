use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    x.array_windows().map(|[a, b]| a * b).sum()
}

fn main() {}
