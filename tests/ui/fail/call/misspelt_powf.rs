use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.pow(2.0)
}

fn main() {}
