//! Rules of one's own: partial derivatives, and whole derivatives, that the user writes.

use std::sync::atomic::{AtomicUsize, Ordering};

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[differentiable(partials(x = 1.0 / (1.0 + (-x).exp())))]
fn soft(x: f64) -> f64 {
    if x > 30.0 { x } else { x.exp().ln_1p() }
}

#[differentiable(wrt(x, y), partials(y = x.exp() * n as f64, x = value))]
fn scaled(x: f64, n: usize, y: f64) -> f64 {
    (0..n).map(|_| y).sum::<f64>() * x.exp()
}

#[differentiable(partials(x = 2.0 * x, value = 1.0))]
fn named_value<T: Real>(x: T, value: T) -> T {
    x * x + value
}

#[test]
fn partial_derivatives_are_used_in_both_modes() {
    assert_eq!(soft::grad(0.0), 0.5);
    assert_eq!(soft::jvp(40.0, 2.0), (40.0, 2.0 / (1.0 + (-40.0f64).exp())));
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = scaled(x[0], 3, x[1]);
        soft(y * x[0]) * y
    }
    agrees!(f, 2, [0.3, 0.7], [-1.2, 0.4]);
    assert_eq!(named_value::grad(3.0f32, 1.0), (6.0, 1.0));
    assert_eq!(named_value::pullback(3.0, 1.0).0, 10.0);
}

#[test]
fn the_function_runs_once_a_call() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    fn count() {
        RUNS.fetch_add(1, Ordering::Relaxed);
    }
    #[differentiable(partials(x = value))]
    fn f(x: f64) -> f64 {
        count();
        x.exp()
    }
    let _ = f::grad(1.0);
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    let _ = f::jvp(1.0, 1.0);
    assert_eq!(RUNS.load(Ordering::Relaxed), 2);
}

struct Table {
    slope: f64,
}

impl Table {
    #[differentiable(wrt(x), partials(x = self.slope))]
    fn look_up(&self, x: f64) -> f64 {
        (self.slope * x * 1e6).round() / 1e6
    }
}

#[test]
fn methods_may_have_partial_derivatives() {
    let table = Table { slope: 2.5 };
    assert_eq!(table.look_up_grad(3.0), 2.5);
}

/// The root of `y³ + y = x`, by Newton's method; its derivative by the implicit function theorem.
#[differentiable(vjp = root_vjp, jvp = root_jvp)]
fn root(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..60 {
        y -= (y * y * y + y - x) / (3.0 * y * y + 1.0);
    }
    y
}

fn root_vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    let y = root(x);
    *d_x += seed / (3.0 * y * y + 1.0);
    y
}

fn root_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    let y = root(x);
    (y, x_dot / (3.0 * y * y + 1.0))
}

/// Solves the system of a diagonal matrix; opaque code.
#[differentiable(wrt(d, b), vjp = solve_vjp)]
fn solve(d: &[f64], b: &[f64; 2], label: String) -> [f64; 2] {
    assert!(label.len() < 9);
    [b[0] / d[0], b[1] / d[1]]
}

fn solve_vjp(d: &[f64], b: &[f64; 2], label: String, seed: &[f64; 2], d_d: &mut [f64], d_b: &mut [f64; 2]) -> [f64; 2] {
    let x = solve(d, b, label);
    for i in 0..2 {
        d_b[i] += seed[i] / d[i];
        d_d[i] -= seed[i] / d[i] * x[i];
    }
    x
}

#[test]
fn a_whole_rule_stands_for_the_generated_one() {
    assert!((root::grad(10.0) - 1.0 / 13.0).abs() < 1e-15);
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = root(x[0] * x[1]);
        y * root(y + 1.0) * x[0]
    }
    agrees!(f, 2, [0.3, 0.7], [-1.2, 2.4]);
}

#[test]
fn a_rule_for_slices_and_what_is_used_up() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let y = solve(&x[..2], &[x[2], x[3]], String::from("ab"));
        y[0] * y[1]
    }
    let x = [2.0, 4.0, 3.0, 5.0];
    let gradient = f::grad(&x);
    let (a, b) = (1.5, 1.25);
    assert_eq!(gradient, [-b * a / 2.0, -a * b / 4.0, b / 2.0, a / 4.0]);
    let (jd, jb) = {
        let (_, back) = solve::pullback(&x[..2], &[3.0, 5.0], String::new());
        let (mut d_d, mut d_b) = ([0.0; 2], [0.0; 2]);
        back(&[1.0, 0.0], &mut d_d, &mut d_b);
        (d_d, d_b)
    };
    assert_eq!((jd, jb), ([-0.75, 0.0], [0.5, 0.0]));
}

/// Forward mode alone by hand.
#[differentiable(jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

#[test]
fn forward_mode_alone_may_be_given() {
    assert_eq!(cube::grad(2.0), 12.0);
    assert_eq!(cube::jvp(2.0, 1.0), (8.0, 12.0));
}
