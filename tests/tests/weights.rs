//! Numbers that loops multiply in each iteration, and that a cotangent is multiplied by which stays as it is: carried along as products.

#![allow(clippy::explicit_counter_loop, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::{Stages, stages};
use differentiable_tests::agrees;
use quote::quote;

fn fused(function: proc_macro2::TokenStream) -> String {
    let Stages { fused, .. } = stages(quote!(wrt(x)), function).unwrap();
    fused
}

fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| 0.3 + 0.41 * ((7 * i) % 5) as f64 - 0.2 * (i % 2) as f64).collect()
}

#[differentiable(wrt(x))]
fn polynomials(x: &[f64], rows: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..rows {
        let t = 0.2 * i as f64 - 0.9;
        let mut residual = if t > 0.0 { 1.0 } else { -1.0 };
        let mut power = 1.0;
        for &c in x {
            residual -= c * power;
            power *= t;
        }
        total += residual * residual;
    }
    0.5 * total
}

#[test]
fn a_power_is_carried_times_the_cotangent() {
    let text = fused(quote!(
        fn f(x: &[f64], t: f64, n: usize) -> f64 {
            let mut total = 0.0;
            for i in 0..n {
                let mut sum = 0.0;
                let mut power = 1.0;
                for &c in x {
                    sum += c * power;
                    power *= t;
                }
                total += sum * sum;
            }
            total
        }
    ));
    assert!(text.contains("weighted_power_again"), "{text}");
    assert!(!text.contains(" power_again"), "{text}");
    for rows in [0, 1, 7, 8, 9, 17, 35, 70] {
        for length in [0, 1, 2, 5, 8] {
            agrees!(polynomials(rows): point(length));
        }
    }
}

#[test]
fn a_discount_may_begin_below_one_and_change_by_another_factor_in_each_iteration() {
    #[differentiable(wrt(x))]
    fn discounted(x: &[f64], rates: &[f64]) -> f64 {
        let mut weight = 0.25;
        let mut value = 0.0;
        for (v, rate) in x.iter().zip(rates) {
            value -= v * weight;
            weight *= rate * 0.5;
        }
        value * value.sin()
    }
    for length in [0, 1, 2, 7, 9, 17] {
        let rates = point(length);
        agrees!(discounted(&rates): point(length));
    }
}

#[test]
fn what_is_multiplied_by_something_else_in_each_iteration_keeps_its_factor() {
    #[differentiable(wrt(x))]
    fn squares(x: &[f64], t: f64) -> f64 {
        let mut power = 1.0;
        let mut sum = 0.0;
        for v in x {
            sum += (v * v) * power;
            power *= t;
        }
        sum.sin()
    }
    #[differentiable(wrt(x))]
    fn twice(x: &[f64], t: f64) -> f64 {
        let mut power = 1.0;
        let (mut sum, mut other) = (0.0, 0.0);
        for v in x {
            sum += v * power;
            other -= v * power;
            power *= t;
        }
        sum * sum + other.sin()
    }
    #[differentiable(wrt(x))]
    fn read_after(x: &[f64], t: f64) -> f64 {
        let mut power = 1.0;
        let mut sum = 0.0;
        for v in x {
            power *= t;
            sum += v * power;
        }
        sum.sin() * power
    }
    for length in [0, 1, 2, 7, 9, 17] {
        agrees!(squares(0.9): point(length));
        agrees!(twice(-0.9): point(length));
        agrees!(read_after(1.1): point(length));
    }
}

#[test]
fn a_number_that_begins_above_one_is_no_reason_for_an_overflow() {
    #[differentiable(wrt(x))]
    fn fading(x: &[f64; 3], scale: f64) -> f64 {
        let mut weight = 1e200;
        let mut sum = 0.0;
        for v in x {
            sum += v * weight;
            weight *= 1e-200;
        }
        (sum * scale).sin()
    }
    assert_eq!(fading::grad(&[0.0; 3], 1e200)[1..], [1e200, 1.0]);
}

#[test]
fn factors_at_the_ends_of_the_range_give_what_they_give_one_by_one() {
    #[differentiable(wrt(x))]
    fn powers(x: &[f64; 4], t: f64, scale: f64) -> f64 {
        let mut power = 1.0;
        let mut sum = 0.0;
        for v in x {
            sum += v * power;
            power *= t;
        }
        (sum * scale).sin()
    }
    assert_eq!(powers::grad(&[0.0; 4], 0.0, 3.0), [3.0, 0.0, 0.0, 0.0]);
    for (gradient, exact) in powers::grad(&[0.0; 4], 1e100, 1e-150).iter().zip([1e-150, 1e-50, 1e50, 1e150]) {
        assert!((gradient - exact).abs() <= 1e-15 * exact, "{gradient} is not {exact}");
    }
    assert!(powers::grad(&[0.0; 4], f64::NAN, 2.0).iter().all(|v| v.is_nan()));
}

#[test]
fn the_sum_of_the_function_keeps_its_bits() {
    #[differentiable(wrt(x))]
    fn scaled(x: f64, t: f64) -> f64 {
        let mut power = 1.0;
        let mut sum = 0.0;
        for _ in 0..9 {
            sum += x * power;
            power *= t;
        }
        sum
    }
    for x in [0.1, 0.7, 1.3, 1e9] {
        let (value, slope) = scaled::value_and_grad(x, 0.3);
        assert_eq!(value.to_bits(), scaled(x, 0.3).to_bits());
        assert!((slope * x - value).abs() <= 1e-14 * value);
    }
}
