use differentiable::prelude::*;

#[differentiable(partials(x = true))]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
