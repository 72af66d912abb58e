use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    std::iter::once(x).sum()
}

fn main() {}
