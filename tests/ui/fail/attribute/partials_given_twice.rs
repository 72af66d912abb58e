use differentiable::prelude::*;

#[differentiable(partials(x = 2.0 * x, x = x + x))]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
