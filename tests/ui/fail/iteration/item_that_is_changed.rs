use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    let mut v = *x;
    if let Some(negative) = v.iter_mut().find(|v| **v < 0.0) {
        *negative *= 2.0;
    }
    v[0] + v[1] * v[2]
}

#[differentiable]
fn g(x: &[f64; 3]) -> f64 {
    let mut v = *x;
    *v.iter_mut().max_by(|a, b| a.total_cmp(b)).unwrap() = 1.0;
    v[0] + v[1] * v[2]
}

fn main() {}
