use differentiable::prelude::*;
struct S;

impl S {
    fn plain(x: f64) -> f64 {
        x
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    S::plain(x)
}

fn main() {}
