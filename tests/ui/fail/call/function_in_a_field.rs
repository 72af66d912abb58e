use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let table = [f64::sin, f64::cos];
    (table[0])(x)
}

fn main() {}
