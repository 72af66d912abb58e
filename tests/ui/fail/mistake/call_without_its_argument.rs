use differentiable::prelude::*;

#[differentiable]
fn g(x: f64) -> f64 {
    x
}

#[differentiable]
fn f(x: f64) -> f64 {
    let y = x;
    g() * y
}

fn main() {}
