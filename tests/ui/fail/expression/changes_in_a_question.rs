use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v[0] *= 2.0;
    if v.iter_mut().any(|v| {
        *v *= 2.0;
        *v > 1.0
    }) {
        v[1] *= 3.0;
    }
    assert!(v.drain(1..).len() > 0);
    v[0]
}

fn main() {}
