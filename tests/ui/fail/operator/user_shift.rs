use differentiable::prelude::*;

use std::ops::Shl;

#[derive(Clone, Copy, Differentiable)]
struct V {
    x: f64,
}

impl Shl<f64> for V {
    type Output = f64;
    fn shl(self, o: f64) -> f64 {
        self.x * o
    }
}

#[differentiable(wrt(a))]
fn f(a: V) -> f64 {
    a << 2.0
}

fn main() {}
