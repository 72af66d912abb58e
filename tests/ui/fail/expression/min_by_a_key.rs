use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [x, 2.0 * x].into_iter().min_by_key(|a| (a * 4.0) as i64).unwrap()
}

fn main() {}
