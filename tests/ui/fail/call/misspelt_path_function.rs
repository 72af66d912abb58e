use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    f64::sqroot(x)
}

fn main() {}
