use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    std::iter::successors(Some(x), |v| Some(v * 0.5)).take(4).sum()
}

fn main() {}
