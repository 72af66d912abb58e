use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = [0.0; 3];
    a.fill_with(|| x * x);
    a[2]
}

fn main() {}
