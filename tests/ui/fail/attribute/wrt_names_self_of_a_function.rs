use differentiable::prelude::*;

#[differentiable(wrt(self))]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
