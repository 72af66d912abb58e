#![deny(deprecated)]
use differentiable::prelude::*;
#[differentiable]
fn f(x: f64) -> f64 {
    let _unused = x * x;
    3.0
}

fn main() {}
