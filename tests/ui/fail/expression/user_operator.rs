use differentiable::prelude::*;
use std::ops::Mul;

#[derive(Clone, Copy, Differentiable)]
struct Odd {
    x: f64,
}

impl Mul<f64> for Odd {
    type Output = f64;
    fn mul(self, k: f64) -> f64 {
        self.x + k
    }
}

#[differentiable(wrt(a))]
fn f(a: &Odd) -> f64 {
    *a * 2.0
}

fn main() {}
