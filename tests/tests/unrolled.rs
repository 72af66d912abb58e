//! Short loops over literal ranges that would keep records: their derivatives are straight lines.

mod exact;

use differentiable::prelude::*;
use differentiable_compiler::stages;
use differentiable_tests::agrees;
use exact::{Exact, derivatives};
use proc_macro2::TokenStream;

/// The statements that `vjp` runs.
fn fused(function: &str) -> String {
    stages(TokenStream::new(), function.parse().unwrap()).unwrap().fused
}

#[test]
fn short_recurrences_keep_nothing() {
    let text = fused("fn f(c: &[f64; 6], x: f64) -> f64 { let mut s = c[5]; for i in (0..5).rev() { s = s * x + c[i]; } s }");
    assert!(!text.contains("tape") && !text.contains("for "), "{text}");
}

#[test]
fn long_ones_keep_an_array() {
    let text = fused("fn f(c: &[f64; 60], x: f64) -> f64 { let mut s = c[5]; for i in 0..60 { s = (s * x + c[i]).sin(); } s }");
    assert!(text.contains("let s_now_kept = [0; 60]") && !text.contains("tape"), "{text}");
}

#[test]
fn a_choice_by_the_index_leaves_no_record() {
    let text =
        fused("fn f(c: &[f64; 90]) -> f64 { let mut s = 1.0; for i in 0..90 { s *= if i > 0 { c[i - 1] } else { c[89] }; } s }");
    assert!(text.contains("if i > 0") && !text.contains("unwind") && !text.contains("tape"), "{text}");
    differentiable_tests::agrees!(by_index: [0.3, 0.4, 0.7, 0.2, 0.9]);
}

#[differentiable]
fn by_index(x: &[f64; 5]) -> f64 {
    let mut s = x[0];
    for round in 0..70 {
        let left = if round % 5 > 0 { x[round % 5 - 1] } else { 0.5 };
        s = (s * left).sin() + if round < 35 { x[4] } else { s };
    }
    s
}

#[test]
fn loops_that_keep_nothing_stay_loops() {
    let text = fused("fn f(w: &[f64; 6], x: &[f64; 6]) -> f64 { let mut s = 0.0; for i in 0..6 { s += w[i] * x[i]; } s }");
    assert!(text.contains("for i in 0..6") && !text.contains("tape"), "{text}");
}

macro_rules! horner {
    ($($name:ident <$($t:ident: Real)?> $ty:ty;)*) => {$(
        #[differentiable]
        fn $name $(<$t: Real>)?(c: &[$ty; 4], x: $ty) -> $ty {
            let mut sum = c[3];
            for i in (0..3).rev() {
                sum = sum * x + c[i];
            }
            sum
        }
    )*};
}

horner! {
    horner <> f64;
    horner_of_any <T: Real> T;
}

#[test]
fn what_is_added_is_the_derivative_and_the_value_is_the_functions() {
    let (c, x) = ([0.3, -1.2, 0.7, 2.0], 0.8);
    let (mut d_c, mut d_x) = ([1.0, 2.0, 3.0, 4.0], 5.0);
    let value = horner::vjp(&c, x, 2.0, &mut d_c, &mut d_x);
    assert_eq!(value.to_bits(), horner(&c, x).to_bits());
    let slope = c[1] + 2.0 * c[2] * x + 3.0 * c[3] * x * x;
    let wanted = [3.0, 2.0 + 2.0 * x, 3.0 + 2.0 * x * x, 4.0 + 2.0 * x * x * x, 5.0 + 2.0 * slope];
    for (got, want) in d_c.into_iter().chain([d_x]).zip(wanted) {
        assert!((got - want).abs() < 1e-14, "{got}, not {want}");
    }
    assert_eq!(horner_of_any::value_and_grad(&c, x), horner::value_and_grad(&c, x));
    let single = horner_of_any::grad(&[0.3f32, -1.2, 0.7, 2.0], 0.8);
    assert!((f64::from(single.1) - slope).abs() < 1e-5);
}

#[differentiable]
fn nested<T: Real>(x: &[T; 4]) -> T {
    let mut y = *x;
    for i in 0..2 {
        for j in 1..4 {
            y[j] = y[j] * y[j - 1] + (y[j] + T::from_usize(i)).sin();
        }
        y[0] = y[3].max(0.5);
    }
    y[0] * y[3]
}

#[differentiable]
fn chosen<T: Real>(mut x: [T; 3]) -> T {
    assert!(x.len() == 3);
    let mut product = x[0];
    for i in 0..x.len() {
        if i % 2 == 0 {
            product *= x[i];
        } else {
            x[i] = product.exp();
            product /= x[i] + 2.0;
        }
    }
    product
}

#[test]
fn nested_loops_and_choices_agree_with_exact_derivatives() {
    for point in [[0.3, -0.7, 1.1, 0.4], [1.3, 0.2, -0.6, 0.9]] {
        let (value, gradient, _) = derivatives(&point, |x: &[Exact; 4]| nested(x));
        let (same, got) = nested::value_and_grad(&point);
        assert!((same - value).abs() < 1e-15);
        assert!(got.iter().zip(&gradient).all(|(got, want)| (got - want).abs() < 1e-13), "{got:?}, not {gradient:?}");
        assert_eq!(same.to_bits(), nested(&point).to_bits());
    }
    let point = [0.7, 0.2, -0.9];
    let (_, gradient, _) = derivatives(&point, |x: &[Exact; 3]| chosen(*x));
    let got = chosen::grad(point);
    assert!(got.iter().zip(&gradient).all(|(got, want)| (got - want).abs() < 1e-14), "{got:?}, not {gradient:?}");
}

#[differentiable]
fn in_double(x: &[f64; 3]) -> f64 {
    let mut s = 1.0;
    for i in 0..3 {
        s = s * x[i] + (s * x[(i + 1) % 3]).tanh();
    }
    s
}

#[test]
fn both_modes_agree() {
    agrees!(in_double, 3, [0.3, -0.7, 1.1], [1.2, 0.4, -0.5]);
}
