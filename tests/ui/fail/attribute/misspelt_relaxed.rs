use differentiable::prelude::*;

#[differentiable(relax)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
