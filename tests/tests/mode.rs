//! Which mode gives the gradient: the choice, and that both give the same.

use differentiable::prelude::*;
use differentiable_compiler::stages;
use differentiable_tests::Derivative;
use proc_macro2::TokenStream;

fn runs_forward(function: &str) -> bool {
    let stages = stages(TokenStream::new(), function.parse().unwrap()).unwrap();
    !stages.fused.contains("again") && !stages.fused.contains("reversed") && stages.fused.contains("_dot")
}

#[test]
fn recurrences_of_few_inputs_run_forward() {
    assert!(runs_forward("fn f(x: f64, r: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = r * y * (1.0 - y); } y }"));
    assert!(runs_forward("fn f(x: f64, n: usize) -> f64 { let mut y = x; while y < 9.0 { y = y * y + 0.5; } y }"));
}

#[test]
fn functions_of_many_inputs_run_backward() {
    assert!(!runs_forward(
        "fn f(a: f64, b: f64, c: f64, d: f64, e: f64, g: f64) -> f64 { (a * b).sin() * (c * d).cos() + (e * g).sin() + (a * e).tanh() }"
    ));
    assert!(!runs_forward("fn f(x: &[f64; 9]) -> f64 { let mut y = 1.0; for i in 0..9 { y = y * x[i] + y; } y }"));
}

#[test]
fn partial_derivatives_that_may_be_infinite_run_backward() {
    assert!(!runs_forward("fn f(x: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = y.sqrt() * y; } y }"));
    assert!(!runs_forward("fn f(x: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = y * y / x; } y }"));
}

#[differentiable]
fn logistic_map(x: f64, r: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        if i % 3 == 2 {
            y += r * 0.1;
            continue;
        }
        y = r * y * (1.0 - y) + (y * r).sin() * 0.1;
    }
    y * y
}

#[differentiable]
fn changed(mut x: f64, mut y: f64, mut k: f64, n: usize) -> f64 {
    for _ in 0..n {
        k = x * y - k;
        (x, y) = (y * 0.9 + k, x.cos());
    }
    if x > y { x * k } else { y - x.max(k) }
}

#[test]
fn gradients_by_forward_mode_agree() {
    let derivative = Derivative {
        value: &|x| logistic_map(x[0], x[1], 7),
        value_and_grad: &|x| {
            let (value, (dx, dr)) = logistic_map::value_and_grad(x[0], x[1], 7);
            (value, vec![dx, dr])
        },
        jvp: &|x, dot| logistic_map::jvp(x[0], x[1], 7, dot[0], dot[1]),
    };
    derivative.agree_at(&[0.3, 2.1]);
    derivative.agree_at(&[-0.2, 1.4]);
    let derivative = Derivative {
        value: &|x| changed(x[0], x[1], x[2], 4),
        value_and_grad: &|x| {
            let (value, (dx, dy, dk)) = changed::value_and_grad(x[0], x[1], x[2], 4);
            (value, vec![dx, dy, dk])
        },
        jvp: &|x, dot| changed::jvp(x[0], x[1], x[2], 4, dot[0], dot[1], dot[2]),
    };
    derivative.agree_at(&[0.3, 1.1, -0.4]);
    derivative.agree_at(&[-0.3, 0.2, 0.9]);
    let (mut dx, mut dr) = (1.0, 2.0);
    logistic_map::vjp(0.3, 2.1, 7, 2.0, &mut dx, &mut dr);
    let (gx, gr) = logistic_map::grad(0.3, 2.1, 7);
    assert_eq!((dx, dr), (1.0 + 2.0 * gx, 2.0 + 2.0 * gr));
}

#[differentiable]
fn with_a_kink(x: f64, y: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in 0..n {
        s = s * x * 0.5 + s * s * y;
    }
    s + x.max(y) + x.min(y * y)
}

#[test]
fn kinks_of_two_inputs_are_halved_by_tangents_too() {
    let text = "fn f(x: f64, y: f64, n: usize) -> f64 { let mut s = x; for _ in 0..n { s = s * x * 0.5 + s * s * y; } s + x.max(y) + x.min(y * y) }";
    assert!(runs_forward(text));
    let (dx, dy) = with_a_kink::grad(1.0, 1.0, 0);
    assert_eq!((dx, dy), (1.0 + 0.5 + 0.5, 0.5 + 0.5 * 2.0));
    assert_eq!(with_a_kink::jvp(1.0, 1.0, 0, 1.0, 0.0).1, dx);
}
