use differentiable::prelude::*;
#[differentiable(wrt(x))]
fn scaled(x: f64, c: f64) -> f64 {
    c * x
}

#[differentiable]
fn f(x: f64) -> f64 {
    scaled(x, x)
}

fn main() {}
