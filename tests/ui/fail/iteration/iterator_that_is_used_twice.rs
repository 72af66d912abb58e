use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let a: f64 = it.by_ref().take(1).sum();
    let b: f64 = it.sum();
    a * b
}

fn main() {}
