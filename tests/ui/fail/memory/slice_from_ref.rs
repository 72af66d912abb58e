use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let s = std::slice::from_ref(&x);
    s[0]
}

fn main() {}
