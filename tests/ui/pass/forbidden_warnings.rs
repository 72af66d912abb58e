#![forbid(warnings, missing_docs, nonstandard_style, unsafe_code)]
//! A crate that allows nothing.

use differentiable::prelude::*;

/// A loss.
#[differentiable]
pub fn loss(w: &[f64; 2], n: usize) -> f64 {
    let unused = n;
    let mut total = w[0];
    for i in 0..unused {
        if total > 1.0 {
            total = total.sin() + i as f64;
        } else {
            total *= w[1];
        }
    }
    total
}

/// Choices of which some end nowhere.
#[differentiable]
pub fn steps(x: [f64; 2], n: usize) -> f64 {
    let mut y = x[0];
    for i in 0..n {
        match i % 3 {
            0 => y *= y * x[1],
            1 => {
                let t = (y * y).exp();
                y = t * x[0];
            }
            _ => {
                let t = (y * y).cos();
                unreachable!("{t}")
            }
        }
    }
    y
}

/// A choice whose other way is not written yet.
#[differentiable]
pub fn half(x: f64, n: usize) -> f64 {
    let y;
    if n > 3 {
        y = x.sin() * x;
    } else {
        let t = x.cos();
        todo!("{}", t * t)
    }
    y * y
}

/// Choices inside of others, of which some end nowhere.
#[differentiable]
pub fn inner(x: &[f64], n: usize) -> f64 {
    let mut t = x[0];
    for v in x {
        if n > 2 {
            return t * *v;
        } else if t < 1.0 {
            t *= t * *v;
        } else {
            let t = t.sin();
            panic!("{t}")
        }
    }
    t.sin()
}

fn main() {
    assert_eq!(loss::grad(&[0.5, 0.5], 1), [0.5, 0.5]);
    assert_eq!(steps::grad([0.5, 2.0], 1), [2.0, 0.25]);
    assert_eq!(half::grad(0.0, 4), 0.0);
    assert_eq!(inner::grad(&[2.0, 3.0], 3), [4.0, 0.0]);
}
