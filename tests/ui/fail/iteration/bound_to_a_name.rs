use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let a = [x, 2.0 * x];
    let it = a.iter().map(|v| v * 2.0);
    let y: f64 = it.sum();
    y
}

fn main() {}
