use differentiable::prelude::*;

#[differentiable]
fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(f(x))
}

#[differentiable]
fn g(x: f64, k: f64) -> f64 {
    let scaled = |y| y * k;
    twice(|y| y * k, x) + twice(scaled, x)
}

fn main() {
    assert_eq!(g::grad(2.0, 3.0), (18.0, 24.0));
}
