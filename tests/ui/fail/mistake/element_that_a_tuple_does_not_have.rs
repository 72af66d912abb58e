use differentiable::prelude::*;

#[differentiable]
fn parameter(x: (f64, f64)) -> f64 {
    x.2 * x.0
}

#[differentiable]
fn variable(x: f64) -> f64 {
    let t = (x, x * x);
    t.0 * t.2
}

fn main() {}
