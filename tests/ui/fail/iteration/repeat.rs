use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    std::iter::repeat(x).take(3).sum()
}

fn main() {}
