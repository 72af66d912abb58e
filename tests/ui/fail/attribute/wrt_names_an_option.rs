use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: Option<f64>) -> f64 {
    x.unwrap_or(1.0) * 2.0
}

fn main() {}
