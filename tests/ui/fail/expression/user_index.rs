use differentiable::prelude::*;
use std::ops::Index;

#[derive(Clone, Differentiable)]
struct Ring {
    data: [f64; 4],
}

impl Index<usize> for Ring {
    type Output = f64;
    fn index(&self, i: usize) -> &f64 {
        &self.data[(i + 1) % 4]
    }
}

#[differentiable(wrt(r))]
fn f(r: &Ring) -> f64 {
    r[0] * 2.0
}

fn main() {}
