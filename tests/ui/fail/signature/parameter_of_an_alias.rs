use differentiable::prelude::*;

type Value = f64;

#[differentiable]
fn f(x: Value) -> f64 {
    x * x
}

fn main() {}
