use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> Box<f64> {
    Box::new(x)
}

fn main() {}
