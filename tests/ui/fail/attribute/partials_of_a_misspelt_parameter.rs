use differentiable::prelude::*;

#[differentiable(partials(wieght = 2.0))]
fn f(weight: f64) -> f64 {
    2.0 * weight
}

fn main() {}
