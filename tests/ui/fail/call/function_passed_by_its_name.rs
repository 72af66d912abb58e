use differentiable::prelude::*;

#[differentiable]
fn twice(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(f(x))
}

#[differentiable]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[differentiable]
fn g(x: f64) -> f64 {
    twice(cube, x) + twice(f64::sin, x)
}

fn main() {}
