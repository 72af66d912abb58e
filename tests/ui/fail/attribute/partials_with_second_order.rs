use differentiable::prelude::*;

#[differentiable(partials(x = 2.0 * x), second_order)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
