use differentiable::prelude::*;

#[differentiable]
fn sum_over(f: impl Fn(f32) -> f64, x: f32) -> f64 {
    f(x)
}

#[differentiable]
fn g(x: f32, k: f64) -> f64 {
    sum_over(|y| y as f64 * k, x)
}

fn main() {}
