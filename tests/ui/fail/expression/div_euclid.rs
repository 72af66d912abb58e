use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    x.div_euclid(y) * x
}

fn main() {}
