use differentiable::prelude::*;

#[differentiable]
fn f<T>(x: T, y: &[T; 2]) -> T
where
    T: Real,
{
    let mut s = 0.5;
    for i in 0..2 {
        s += y[i] * x;
    }
    s.tanh() * 2.0
}

fn main() {
    assert!((f::grad(0.0f64, &[1.0, 2.0]).0 - 6.0 * (1.0 - 0.5f64.tanh().powi(2))).abs() < 1e-15);
    assert!(f::grad(0.0f32, &[1.0, 2.0]).0 > 4.7);
}
