use differentiable::prelude::*;

#[differentiable(second_order = true)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
