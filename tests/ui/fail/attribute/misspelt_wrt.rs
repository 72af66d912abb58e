use differentiable::prelude::*;

#[differentiable(wtr(x))]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
