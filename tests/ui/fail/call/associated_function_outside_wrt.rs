use differentiable::prelude::*;

struct S;

impl S {
    #[differentiable(associated, wrt(x))]
    fn scaled(x: f64, c: f64) -> f64 {
        c * x
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    S::scaled(x, x)
}

fn main() {}
