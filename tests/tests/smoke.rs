//! First programs.
use differentiable::prelude::*;

#[differentiable(wrt(w, b))]
pub fn loss(w: &[f64; 4], b: f64, x: &[f64; 4], y: f64) -> f64 {
    let z: f64 = b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    (1.0 + (-y * z).exp()).ln()
}

#[differentiable]
fn loopy(x0: f64, a: f64, n: usize) -> f64 {
    let mut s = x0;
    for i in 0..n {
        s = s * (a * s).sin() + i as f64;
        if s > 2.0 {
            s -= a * a;
        }
    }
    s
}

#[differentiable]
fn calls(x: f64, y: f64) -> f64 {
    let u = loopy(x, y, 3);
    loopy(u, u * y, 2) * x
}

#[test]
fn it_works() {
    let (w, x) = ([0.1, -0.2, 0.3, 0.4], [1.0, 2.0, -3.0, 0.5]);
    let (v, (dw, db)) = loss::value_and_grad(&w, 0.3, &x, 1.0);
    assert_eq!(v, loss(&w, 0.3, &x, 1.0));
    let e = 1e-6;
    let fd = (loss(&w, 0.3 + e, &x, 1.0) - loss(&w, 0.3 - e, &x, 1.0)) / (2.0 * e);
    assert!((db - fd).abs() < 1e-8);
    for i in 0..4 {
        assert!((dw[i] - db * x[i]).abs() < 1e-15);
    }
    let (v, (dx, da)) = loopy::value_and_grad(0.7, 1.3, 5);
    assert_eq!(v, loopy(0.7, 1.3, 5));
    let fd = (loopy(0.7 + e, 1.3, 5) - loopy(0.7 - e, 1.3, 5)) / (2.0 * e);
    assert!((dx - fd).abs() < 1e-5 * fd.abs(), "{dx} {fd}");
    let (_, t) = loopy::jvp(0.7, 1.3, 5, 0.0, 1.0);
    assert!((da - t).abs() < 1e-12 * t.abs());
    let (dx, dy) = calls::grad(0.4, 0.9);
    let (_, t) = calls::jvp(0.4, 0.9, 1.0, 0.0);
    let (_, u) = calls::jvp(0.4, 0.9, 0.0, 1.0);
    assert!((dx - t).abs() < 1e-12 && (dy - u).abs() < 1e-12);
    let fd = (calls(0.4 + e, 0.9) - calls(0.4 - e, 0.9)) / (2.0 * e);
    assert!((dx - fd).abs() < 1e-5);
}
