use differentiable::prelude::*;

struct S;

impl S {
    #[differentiable]
    fn square(x: f64) -> f64 {
        x * x
    }
}

fn main() {}
