use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.max() + 1.0
}

fn main() {}
