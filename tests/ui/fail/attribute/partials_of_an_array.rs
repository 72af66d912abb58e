use differentiable::prelude::*;

#[differentiable(partials(x = 1.0))]
fn f(x: [f64; 2]) -> f64 {
    x[0]
}

fn main() {}
