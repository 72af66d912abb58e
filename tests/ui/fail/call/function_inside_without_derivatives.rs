use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    fn inner(a: f64) -> f64 {
        a * a
    }
    inner(x)
}

fn main() {}
