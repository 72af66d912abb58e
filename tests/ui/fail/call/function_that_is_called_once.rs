use differentiable::prelude::*;

#[differentiable]
fn f(g: impl FnOnce(f64) -> f64, x: f64) -> f64 {
    g(x) * x
}

fn main() {}
