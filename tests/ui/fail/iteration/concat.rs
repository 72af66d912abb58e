use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [[x], [2.0 * x]].concat()[1]
}

fn main() {}
