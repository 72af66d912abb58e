use differentiable::prelude::*;

#[differentiable(name = "energy")]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
