#![deny(deprecated)]
use differentiable::prelude::*;

#[differentiable(wrt(a, b))]
fn f(a: f64, b: f64, c: f64) -> f64 {
    let _ = b;
    a * c
}

fn main() {}
