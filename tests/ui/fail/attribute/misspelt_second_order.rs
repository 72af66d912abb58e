use differentiable::prelude::*;

#[differentiable(second_ordr)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
