use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    x.iter().fuse().map(|v| v * v).sum()
}

fn main() {}
