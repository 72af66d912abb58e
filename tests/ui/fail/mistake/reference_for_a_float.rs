use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        s += v * v.max(0.0);
        s = v;
    }
    s
}

fn main() {}
