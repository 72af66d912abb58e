use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [x, x].into_iter().try_fold(0.0, |a, v| Some(a + v)).unwrap()
}

fn main() {}
