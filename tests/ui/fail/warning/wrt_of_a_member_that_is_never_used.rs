#![deny(deprecated)]
use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    k: f64,
}

impl S {
    #[differentiable(wrt(self, x))]
    fn force(&self, x: f64) -> f64 {
        2.0 * x
    }
}

fn main() {}
