use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, p: &Params) -> f64 {
    p.a * x
}

fn main() {}
