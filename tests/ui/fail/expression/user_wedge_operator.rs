use differentiable::prelude::*;
use std::ops::BitXor;

#[derive(Clone, Copy, Differentiable)]
struct Arrow {
    x: f64,
    y: f64,
}

impl BitXor for Arrow {
    type Output = f64;
    fn bitxor(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }
}

#[differentiable(wrt(a, b))]
fn f(a: Arrow, b: Arrow) -> f64 {
    (a ^ b) * 2.0
}

fn main() {}
