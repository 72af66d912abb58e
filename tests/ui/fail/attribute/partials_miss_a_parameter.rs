use differentiable::prelude::*;
#[differentiable(partials(x = y, z = 1.0, x = 2.0))]
fn f(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {}
