use differentiable::prelude::*;

#[differentiable(partials())]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
