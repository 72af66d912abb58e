use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn scaled(x: f64, c: f64, d: f64) -> f64 {
    c * x + d
}

#[differentiable]
fn f(x: f64) -> f64 {
    scaled(x, x, x)
}

fn main() {}
