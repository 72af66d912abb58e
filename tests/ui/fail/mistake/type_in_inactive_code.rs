use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, s: &str) -> f64 {
    let n: usize = s;
    x * n as f64
}

fn main() {}
