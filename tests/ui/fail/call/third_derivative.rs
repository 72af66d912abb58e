use differentiable::prelude::*;

#[differentiable(second_order)]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable(second_order)]
fn f(x: f64) -> f64 {
    square::grad(x) * x
}

fn main() {}
