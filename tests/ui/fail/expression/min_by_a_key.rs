use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [x, 2.0 * x].into_iter().min_by(|a, b| a.total_cmp(b)).unwrap()
}

fn main() {}
