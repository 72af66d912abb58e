use differentiable::prelude::*;

#[differentiable(wrt(wieght))]
fn f(weight: f64, y: f64) -> f64 {
    weight * y
}

fn main() {}
