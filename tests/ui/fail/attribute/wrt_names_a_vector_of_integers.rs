use differentiable::prelude::*;

#[differentiable(wrt(x, n))]
fn f(x: f64, n: &[usize]) -> f64 {
    x * n.len() as f64
}

fn main() {}
