use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in x.rchunks(2) {
        s += c[0] * c[0];
    }
    s
}

fn main() {}
