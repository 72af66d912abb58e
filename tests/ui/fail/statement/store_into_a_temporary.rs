use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    *&mut [x, x][0].clone() = x;
    x
}

fn main() {}
