use differentiable::prelude::*;

struct S;

impl S {
    #[differentiable(associated)]
    fn square(x: f64) -> f64 {
        x * x
    }
}

#[differentiable(second_order)]
fn f(x: f64) -> f64 {
    S::square(x)
}

fn main() {}
