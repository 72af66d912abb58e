use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y: i32 = x * 2.0;
    y as f64 * x
}

fn main() {}
