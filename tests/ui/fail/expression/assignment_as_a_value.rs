use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = 0.0;
    let _z = (y = x);
    y
}

fn main() {}
