use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y = x * x;
    1
}

fn main() {}
