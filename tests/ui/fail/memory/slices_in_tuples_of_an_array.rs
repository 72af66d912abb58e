use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 1.0;
    for (a, b) in [(x, y), (y, x)] {
        s += a[0] * b[1] * s;
    }
    s
}

fn main() {}
