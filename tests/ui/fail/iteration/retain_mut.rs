use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = vec![x, 2.0 * x];
    a.retain_mut(|v| {
        *v *= 2.0;
        *v > 0.0
    });
    a[0]
}

fn main() {}
