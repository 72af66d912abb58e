use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    f64::sni(x) + x
}

fn main() {}
