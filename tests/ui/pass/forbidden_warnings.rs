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

fn main() {
    assert_eq!(loss::grad(&[0.5, 0.5], 1), [0.5, 0.5]);
}
