use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, s: &str) -> f64 {
    let n = s.lenn();
    x * n as f64
}

fn main() {}
