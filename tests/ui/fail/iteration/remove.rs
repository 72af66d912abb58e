use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut queue = vec![x, 2.0 * x];
    queue.remove(0);
    queue[0]
}

#[differentiable]
fn g(x: f64) -> f64 {
    [[x], [2.0 * x]].join(&1.0)[1]
}

fn main() {}
