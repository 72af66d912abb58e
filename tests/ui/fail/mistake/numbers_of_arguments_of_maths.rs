use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.powi() + x.sin(1.0) + x.atan2()
}

fn main() {}
