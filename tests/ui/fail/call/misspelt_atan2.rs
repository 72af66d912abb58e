use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.arctan2(1.0)
}

fn main() {}
