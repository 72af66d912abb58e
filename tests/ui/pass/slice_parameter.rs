use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

fn main() {
    assert_eq!(f::grad(&[1.0, 2.0]), [2.0, 4.0]);
}
