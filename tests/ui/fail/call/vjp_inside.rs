use differentiable::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn f(x: f64) -> f64 {
    let mut d = 0.0;
    square::vjp(x, 1.0, &mut d);
    d
}

fn main() {}
