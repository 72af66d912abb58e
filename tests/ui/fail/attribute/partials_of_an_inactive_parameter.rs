use differentiable::prelude::*;

#[differentiable(partials(x = 2.0, n = 1.0))]
fn f(x: f64, n: usize) -> f64 {
    x * n as f64
}

fn main() {}
