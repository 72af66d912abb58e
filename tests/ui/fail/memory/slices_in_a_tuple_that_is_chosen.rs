use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64], y: &[f64]) -> f64 {
    let (long, short) = if x.len() > y.len() { (x, y) } else { (y, x) };
    long.iter().zip(short).map(|(a, b)| a * b).sum()
}

fn main() {}
