#![deny(deprecated)]
use differentiable::prelude::*;

#[differentiable(wrt(x, limit))]
fn f(x: f64, limit: f64) -> f64 {
    if x < limit { x } else { 2.0 * x }
}

fn main() {}
