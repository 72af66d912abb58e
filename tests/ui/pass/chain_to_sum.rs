use differentiable::prelude::*;

#[differentiable]
fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn main() {
    assert_eq!(dot::grad(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), ([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]));
}
