//! Parameters that are functions: derivatives take the function's own derivative beside it.

use differentiable::prelude::*;
use differentiable_tests::Derivative;

/// The integral of a function by Simpson's rule.
#[differentiable]
fn quad(f: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let n = 8;
    let h = (b - a) / n as f64;
    let mut sum = f(a) + f(b);
    for i in 1..n {
        let weight = if i % 2 == 1 { 4.0 } else { 2.0 };
        sum += weight * f(a + h * i as f64);
    }
    sum * h / 3.0
}

/// A step of Newton's method on a function of two numbers, nonlinear in what it gives.
#[differentiable(wrt(x, k))]
fn composed<F: Fn(&[f64; 2], f64) -> f64>(f: F, x: &[f64; 2], k: f64, n: usize) -> f64 {
    let mut y = [x[0], x[1] * k];
    for _ in 0..n {
        let value = f(&y, k);
        y = [value * y[1], y[0].sin() + value];
    }
    y[0] * f(&y, 2.0)
}

#[test]
fn an_integral_has_the_function_at_its_ends_as_derivatives() {
    let f = |x: f64| x.sin() + x * x;
    let f_vjp = |x: f64, seed: f64, d_x: &mut f64| {
        *d_x += seed * (x.cos() + 2.0 * x);
        f(x)
    };
    let derivative = Derivative {
        value: &|x| quad(f, x[0], x[1]),
        value_and_grad: &|x| {
            let (value, (da, db)) = quad::value_and_grad(f, f_vjp, x[0], x[1]);
            (value, vec![da, db])
        },
        jvp: &|x, dot| quad::jvp(f, f_vjp, x[0], x[1], dot[0], dot[1]),
    };
    derivative.agree_at(&[0.2, 1.4]);
    let (da, db) = quad::grad(f, f_vjp, 0.2, 1.4);
    assert!((da + f(0.2)).abs() < 1e-3 && (db - f(1.4)).abs() < 1e-3);
}

#[test]
fn a_function_that_borrows_is_called_in_a_loop() {
    let shift = String::from("three");
    let f = |x: &[f64; 2], k: f64| (x[0] * x[1] * k).cos() + 0.06 * shift.len() as f64;
    let f_vjp = |x: &[f64; 2], k: f64, seed: f64, d_x: &mut [f64; 2], d_k: &mut f64| {
        let slope = -seed * (x[0] * x[1] * k).sin();
        d_x[0] += slope * x[1] * k;
        d_x[1] += slope * x[0] * k;
        *d_k += slope * x[0] * x[1];
        f(x, k)
    };
    let derivative = Derivative {
        value: &|x| composed(f, &[x[0], x[1]], x[2], 3),
        value_and_grad: &|x| {
            let (value, (dx, dk)) = composed::value_and_grad(f, f_vjp, &[x[0], x[1]], x[2], 3);
            (value, vec![dx[0], dx[1], dk])
        },
        jvp: &|x, dot| composed::jvp(f, f_vjp, &[x[0], x[1]], x[2], 3, &[dot[0], dot[1]], dot[2]),
    };
    derivative.agree_at(&[0.3, 0.8, 1.2]);
    derivative.agree_at(&[-0.7, 0.4, 0.9]);
}
