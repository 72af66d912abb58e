use differentiable::prelude::*;

#[differentiable]
fn g(x: f64) -> f64 {
    [[x], [2.0 * x]].join(&1.0)[1]
}

fn main() {}
