use differentiable::prelude::*;

#[differentiable(wrt(x, on))]
fn f(x: f64, on: bool) -> f64 {
    if on { x } else { 2.0 * x }
}

fn main() {}
