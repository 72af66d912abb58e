use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, weight: f64) -> f64 {
    let y = x * wieght;
    y * y
}

fn main() {}
