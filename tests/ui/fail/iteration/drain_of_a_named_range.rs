use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = vec![x, x];
    let first = 0..1;
    a.drain(first).sum()
}

fn main() {}
