use differentiable::prelude::*;

#[differentiable(partials(x = 1.0))]
fn f(x: f64) -> [f64; 2] {
    [x, x]
}

fn main() {}
