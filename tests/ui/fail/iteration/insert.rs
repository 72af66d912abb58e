use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = vec![x];
    a.insert(0, 2.0 * x);
    a[0]
}

fn main() {}
