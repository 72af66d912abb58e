use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    fn inner(x: f64) -> f64 {
        x * x
    }
    inner(x)
}

fn main() {}
