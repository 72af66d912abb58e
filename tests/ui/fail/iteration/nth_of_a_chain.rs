use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [x, 2.0 * x].into_iter().map(|v| v * v).nth(1).unwrap()
}

fn main() {}
