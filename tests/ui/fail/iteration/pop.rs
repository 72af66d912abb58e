use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut stack = vec![x, 2.0 * x];
    stack.pop().unwrap()
}

fn main() {}
