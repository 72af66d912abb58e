use differentiable::prelude::*;

#[differentiable]
fn found(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let first = it.find(|v| **v > 0.5).unwrap();
    first * it.sum::<f64>()
}

#[differentiable]
fn asked(x: &[f64]) -> f64 {
    let mut it = x.iter();
    if it.any(|v| *v > 0.5) { *it.next().unwrap() } else { x[0] }
}

#[differentiable]
fn from_the_end(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let two: f64 = it.by_ref().take(2).rev().sum();
    two * it.sum::<f64>()
}

fn main() {}
