use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: Box<f64>) -> f64 {
    *x * 2.0
}

fn main() {}
