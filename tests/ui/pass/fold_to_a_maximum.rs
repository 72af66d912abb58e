use differentiable::prelude::*;

#[differentiable]
fn top(x: &[f64; 3]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn main() {
    assert_eq!(top::grad(&[1.0, 3.0, 2.0]), [0.0, 1.0, 0.0]);
}
