use differentiable::prelude::*;

trait Double {
    fn double(x: f64) -> f64;
}

impl Double for f64 {
    fn double(x: f64) -> f64 {
        2.0 * x
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    <f64 as Double>::double(x)
}

fn main() {}
