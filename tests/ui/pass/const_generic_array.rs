use differentiable::prelude::*;

#[differentiable]
fn norm<const N: usize>(x: &[f64; N]) -> f64 {
    let mut total = 0.0;
    for i in 0..N {
        total += x[i] * x[i];
    }
    total.sqrt()
}

fn main() {
    let [x, y] = norm::grad(&[3.0, 4.0]);
    assert!((x - 0.6).abs() < 1e-15 && (y - 0.8).abs() < 1e-15);
}
