use differentiable::prelude::*;

#[differentiable(wrt(x) second_order)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
