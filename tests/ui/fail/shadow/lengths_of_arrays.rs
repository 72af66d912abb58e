use differentiable::prelude::*;

trait Length {
    fn len(&self) -> usize;
}

impl Length for [f64; 3] {
    fn len(&self) -> usize {
        2
    }
}

#[differentiable]
fn written(x: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        s += x[i] * x[i];
    }
    s
}

#[differentiable]
fn not_written(x: &[f64; 3]) -> f64 {
    let mut s = 1.0;
    for x in x {
        s = s * x + x;
    }
    s
}

fn main() {}
