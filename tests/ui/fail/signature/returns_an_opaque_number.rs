use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> impl Real {
    x * x
}

fn main() {}
