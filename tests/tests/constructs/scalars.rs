//! One function over all scalars.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[differentiable(second_order)]
fn loss<T: Real>(x: &[T; 2], k: T) -> T {
    let r = 1.5 * x[0] - k;
    (0.5 * r * r + 2.0).sqrt() + x[1].sin() * 0.25
}

#[test]
fn single_precision() {
    let (x, k, along) = ([0.7, 0.2], 1.1, [0.3, -0.4]);
    let (value, (d_x, d_k)) = loss::value_and_grad(&x, k);
    let narrow = |v: [f64; 2]| v.map(|v| v as f32);
    let (single, (single_x, single_k)) = loss::value_and_grad(&narrow(x), k as f32);
    let near = |single: f32, double: f64| assert!((f64::from(single) - double).abs() < 1e-6, "{single} is not {double}");
    near(single, value);
    near(single_x[0], d_x[0]);
    near(single_x[1], d_x[1]);
    near(single_k, d_k);
    near(loss::jvp(&narrow(x), k as f32, &narrow(along), 0.5).1, loss::jvp(&x, k, &along, 0.5).1);
    let (single, double) = (loss::hvp(&narrow(x), k as f32, &narrow(along), 0.5), loss::hvp(&x, k, &along, 0.5));
    near(single.0[0], double.0[0]);
    near(single.0[1], double.0[1]);
    near(single.1, double.1);
}

#[test]
fn doubles_and_literals() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        loss(&[x[0], x[1]], x[2])
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}
