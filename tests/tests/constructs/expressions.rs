//! Expressions, and code that only looks at active values.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[test]
fn operators() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        const K: f64 = 1.5;
        let mut y = -(x[0] + K) * (&x[1] - 2.0) / *&x[2];
        y += x[0];
        y *= y - x[1];
        y /= 1.0 + x[2] * x[2];
        y -= x[1] % 0.7;
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn maths_in_three_forms() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        x[0].tanh() * f64::atan2(x[1], x[0]) + Real::exp(x[2]) * x[1].mul_add(x[0], x[2]).sqrt()
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn casts_and_conversions() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let whole = (x[0] * 10.0) as i32;
        let same: f64 = x[1].into();
        let n = f64::from(whole) + x.len() as f64;
        n * same * x[0] + (x[0] as f64) * f64::from(x[1])
    }
    agrees_twice!(f, 2, [0.75, 0.2]);
}

#[test]
fn indices_that_are_computed() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let order = [2usize, 0, 1];
        let mut next = 0;
        let mut at = || {
            next += 1;
            next % 3
        };
        x[order[0]] * x[order[order[1]]].sin() * x[at()] * if x[0] < x[1] { x[2] } else { x[usize::from(x[0] > 0.5)] }
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn stopped_gradients() {
    #[differentiable(second_order)]
    fn square(x: f64, frozen: f64) -> f64 {
        x * x * stop_gradient(frozen)
    }
    assert_eq!(square::grad(3.0, 2.0), (12.0, 0.0));
    assert_eq!(square::jvp(3.0, 2.0, 1.0, 1.0), (18.0, 12.0));
    assert_eq!(square::hvp(3.0, 2.0, 1.0, 1.0), (4.0, 0.0));
}

#[test]
fn asserts_and_prints() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        assert!(x[0] > 0.0, "{} is not positive", x[0]);
        debug_assert_ne!(x[0], x[1]);
        let y = dbg!(x[0] * x[1]);
        eprintln!("{y:.3}");
        y * y
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn text_to_be_printed() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let text = format!("{:.2}", x[0] * x[1]);
        x[0] * x[1] * x[1] * text.len() as f64
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn question_marks_in_inactive_closures() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let read = |text: &str| -> Option<usize> {
            let first = text.split(' ').next()?;
            first.parse().ok()
        };
        match read("2 more") {
            Some(i) => x[i] * x[0] * x[0],
            None => x[1],
        }
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}
