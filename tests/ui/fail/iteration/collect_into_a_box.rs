use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let b: Box<[f64]> = x.iter().map(|v| v * v).collect();
    b[0]
}

fn main() {}
