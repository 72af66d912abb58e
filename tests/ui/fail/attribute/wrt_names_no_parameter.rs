use differentiable::prelude::*;
#[differentiable(wrt(y))]
fn f(x: f64) -> f64 {
    x
}

fn main() {}
