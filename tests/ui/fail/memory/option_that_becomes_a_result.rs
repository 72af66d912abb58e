use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    Some(x).ok_or(1).unwrap() * x
}

fn main() {}
