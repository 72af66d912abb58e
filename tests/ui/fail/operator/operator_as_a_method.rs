use differentiable::prelude::*;

use std::ops::Add;
#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    x.add(y) * x
}

fn main() {}
