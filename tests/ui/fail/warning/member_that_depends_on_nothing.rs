#![deny(deprecated)]
use differentiable::prelude::*;

struct S;

impl S {
    #[differentiable]
    fn constant(&self, x: f64) -> f64 {
        let _ = x;
        2.0
    }
}

fn main() {}
