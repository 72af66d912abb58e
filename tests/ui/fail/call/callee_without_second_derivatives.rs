use differentiable::prelude::*;

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable(second_order)]
fn f(x: f64) -> f64 {
    square(x).sin()
}

fn main() {}
