use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64; 4]) -> f64 {
    let mut y = *x;
    let parts: Vec<&mut [f64]> = y.chunks_mut(2).collect();
    for part in parts {
        part[0] *= part[1];
    }
    let (first, last) = y.split_at_mut(2);
    for part in vec![first, last] {
        part[1] *= part[0];
    }
    let each: Vec<_> = y.iter_mut().collect();
    for v in each {
        *v *= *v;
    }
    y[0] * y[1]
}

#[differentiable]
fn g(x: &mut [f64], y: &mut [f64]) -> f64 {
    for part in [x, y] {
        part[0] *= part[1];
    }
    1.0
}

fn main() {}
