use differentiable::prelude::*;

type Float = f64;

#[differentiable]
fn f(x: f64) -> f64 {
    x as Float * 2.0
}

fn main() {}
