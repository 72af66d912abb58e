use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.sni() + x
}

fn main() {}
