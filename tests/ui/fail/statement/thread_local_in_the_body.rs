use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    thread_local!(static K: f64 = 2.0);
    x * K.with(|k| *k)
}

fn main() {}
