use differentiable::prelude::*;

#[differentiable]
fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(f(x))
}

#[differentiable]
fn g(x: f64, k: f64) -> f64 {
    twice(|y| y * k, x)
}

fn main() {}
