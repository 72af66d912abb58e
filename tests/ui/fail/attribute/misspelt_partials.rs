use differentiable::prelude::*;

#[differentiable(partial(x = 2.0 * x))]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
