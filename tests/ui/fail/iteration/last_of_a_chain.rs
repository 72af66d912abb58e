use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [x, 2.0 * x].into_iter().map(|v| v * v).last().unwrap()
}

fn main() {}
