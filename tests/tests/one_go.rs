//! Branches and calls that run forward and backward in one go, where their cotangents are known before they run.

#![allow(clippy::assign_op_pattern, reason = "an assignment that reads what it changes is what is tested")]

use std::cell::Cell;

use differentiable::prelude::*;
use differentiable_tests::agrees;

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

fn counted() {
    RUNS.with(|runs| runs.set(runs.get() + 1));
}

/// How often `counted` runs meanwhile.
fn runs_in<R>(work: impl FnOnce() -> R) -> u32 {
    RUNS.with(|runs| runs.set(0));
    work();
    RUNS.with(Cell::get)
}

#[differentiable]
fn minor(a: &[f64; 9], row: usize, columns: u32) -> f64 {
    counted();
    if row == 2 {
        return a[6 + columns.trailing_zeros() as usize];
    }
    let mut sum = 0.0;
    let mut sign = 1.0;
    for column in 0..3 {
        if columns >> column & 1 == 1 {
            sum += sign * a[3 * row + column] * minor(a, row + 1, columns & !(1 << column));
            sign = -sign;
        }
    }
    sum
}

#[test]
fn a_recursive_call_in_a_branch_runs_once() {
    #[differentiable]
    fn determinant(a: &[f64; 9]) -> f64 {
        minor(a, 0, 0b111)
    }
    let a = [0.3, -0.4, 0.9, 1.0, 0.2, 0.5, -0.7, 0.8, 0.6];
    agrees!(determinant, 9, a);
    assert_eq!(runs_in(|| determinant(&a)), runs_in(|| determinant::grad(&a)));
}

#[test]
fn a_branch_on_what_changes_in_its_loop_takes_the_arm_that_it_took() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        let mut odd = false;
        for v in x {
            if odd {
                total += v.sin();
            } else {
                total += v * v;
            }
            odd = !odd;
        }
        total
    }
    agrees!(f, 4, [0.3, -0.4, 0.9, 1.0]);
}

#[test]
fn a_branch_that_overwrites_what_it_read_keeps_it() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = *x;
        let mut total = 0.0;
        for i in 0..3 {
            if y[i] > 0.0 {
                total += y[i].exp();
                y[i] = y[i] * y[0];
            } else {
                y[0] = y[0] * y[i];
                total -= y[i];
            }
        }
        total * y[1]
    }
    agrees!(f, 3, [0.3, -0.4, 0.9], [-0.3, 0.4, 0.9]);
}

#[test]
fn the_arms_of_a_match_leave_their_values_to_what_follows() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut total = 0.0;
        for (i, v) in x.iter().enumerate() {
            let part = match i {
                0 => v.sin(),
                1 if *v > 0.0 => v * x[0],
                _ => return total * v,
            };
            total += part * part;
        }
        total
    }
    agrees!(f, 3, [0.3, 0.4, 0.9], [-0.3, -0.4, 0.9]);
}

#[test]
fn logsumexp_is_a_softmax_at_every_length() {
    for length in [1, 3, 8, 9, 64, 65, 1024, 1025] {
        let x: Vec<f64> = (0..length).map(|i| ((i * 37 + 11) % 101) as f64 * 0.05 - 2.0).collect();
        let sum: f64 = x.iter().map(|v| v.exp()).sum();
        let mut d = vec![1.0; length];
        let value = logsumexp::vjp(&x, 2.0, &mut d);
        assert_eq!(value.to_bits(), logsumexp(&x).to_bits());
        let mut alone = vec![0.0; length];
        assert_eq!(value.to_bits(), logsumexp::vjp(&x, 2.0, &mut alone).to_bits());
        assert!(d.iter().zip(&alone).all(|(d, alone)| (d - 1.0 - alone).abs() < 1e-15 * d));
        assert!((value - sum.ln()).abs() < 1e-13 * length as f64);
        let (same, tangent) = logsumexp::jvp(&x, &x);
        assert_eq!(value.to_bits(), same.to_bits());
        let mut expected = 0.0;
        for (d, x) in d.iter().zip(&x) {
            assert!((d - 1.0 - 2.0 * x.exp() / sum).abs() < 1e-13);
            expected += x * x.exp() / sum;
        }
        assert!((tangent - expected).abs() < 1e-12);
    }
}

#[test]
fn logsumexp_passes_infinities_and_nans_on() {
    assert_eq!(logsumexp::<f64>(&[]), f64::NEG_INFINITY);
    assert_eq!(logsumexp(&[f64::NEG_INFINITY; 5]), f64::NEG_INFINITY);
    assert_eq!(logsumexp(&[1.0, f64::INFINITY, 0.0]), f64::INFINITY);
    for at in 0..6 {
        for others in [0.5, f64::INFINITY, f64::NEG_INFINITY] {
            let mut x = [others; 6];
            x[at] = f64::NAN;
            assert!(logsumexp(&x).is_nan(), "{x:?}");
        }
    }
    let mut d = [0.0; 2];
    assert_eq!(logsumexp::vjp(&[f64::NEG_INFINITY, 3.0], 1.0, &mut d), 3.0);
    assert_eq!(d, [0.0, 1.0]);
}
