use differentiable::prelude::*;

fn norm(x: &[f64; 2]) -> f64 {
    x[0].hypot(x[1])
}

#[differentiable]
fn f(x: f64) -> f64 {
    norm(&[x, 2.0 * x])
}

fn main() {}
