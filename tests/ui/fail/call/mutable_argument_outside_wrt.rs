use differentiable::prelude::*;

#[differentiable]
fn store(to: &mut [f64; 1], x: f64) {
    to[0] = x;
}

#[differentiable(wrt(x))]
fn f(x: f64, out: &mut [f64; 1]) -> f64 {
    store(&mut *out, x);
    out[0] * x
}

fn main() {}
