use differentiable::prelude::*;

fn stop_gradient(x: f64) -> f64 {
    2.0 * x
}

#[differentiable]
fn f(x: f64) -> f64 {
    stop_gradient(x) * x
}

fn main() {}
