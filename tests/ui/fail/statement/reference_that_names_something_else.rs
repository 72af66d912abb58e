use differentiable::prelude::*;

#[differentiable]
fn pairs(x: &[f64]) -> f64 {
    let mut last = &x[0];
    let mut sum = 0.0;
    for v in x {
        sum += last * v;
        last = v;
    }
    sum
}

#[differentiable]
fn powers(x: &[f64; 2]) -> f64 {
    let (mut a, mut b) = (*x, [0.0; 2]);
    let (mut from, mut to) = (&mut a, &mut b);
    for _ in 0..3 {
        to[0] = from[0] * from[1];
        std::mem::swap(&mut from, &mut to);
    }
    a[0] + b[0]
}

#[differentiable]
fn rest(mut x: &[f64]) -> f64 {
    let mut y = 1.0;
    while !x.is_empty() {
        y = y * x[0] + 1.0;
        x = &x[1..];
    }
    y
}

#[differentiable]
fn greatest(x: &[f64; 3]) -> f64 {
    let mut best = (0, &x[0]);
    for (i, v) in x.iter().enumerate() {
        if v > best.1 {
            best.0 = i;
            best.1 = v;
        }
    }
    best.1 * best.1 * best.0 as f64
}

fn main() {}
