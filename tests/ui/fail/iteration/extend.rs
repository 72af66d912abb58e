use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = vec![x];
    a.extend([2.0 * x]);
    a[1]
}

fn main() {}
