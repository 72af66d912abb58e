use differentiable::prelude::*;

#[differentiable(second_order)]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn f(x: f64) -> f64 {
    square::hvp(x, 1.0)
}

fn main() {}
