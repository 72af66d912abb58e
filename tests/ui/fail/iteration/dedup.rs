use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = vec![x, x];
    a.dedup();
    a[0]
}

fn main() {}
