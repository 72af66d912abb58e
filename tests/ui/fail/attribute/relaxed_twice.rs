use differentiable::prelude::*;

#[differentiable(relaxed, relaxed)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
