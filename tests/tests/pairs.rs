//! Loops that change one row of a sequence and use another of the same: the value bit by bit, and derivatives against differences and forward mode, whether the
//! rows are apart, overlap, or are missing.

#![allow(clippy::needless_range_loop, clippy::assign_op_pattern, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::stages;
use differentiable_tests::agrees;
use quote::quote;

fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| 0.9 + 0.3 * ((7 * i + 3) as f64).sin()).collect()
}

/// Declares a function whose derivatives take rows apart.
macro_rules! takes_rows_apart {
    ($($function:tt)*) => {
        #[differentiable]
        $($function)*
        assert!(stages(quote!(), quote!($($function)*)).expect("it is differentiable").fused.contains("two_rows"));
    };
}

/// The sum of elements with weights, and of their squares.
#[differentiable]
fn weighted(m: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..m.len() {
        total += m[i] * m[i] * ((3 * i + 1) as f64).sin();
    }
    total
}

#[test]
fn rows_of_any_length_agree() {
    takes_rows_apart! {
        fn combined(x: &[f64], n: usize) -> f64 {
            let mut m = x.to_vec();
            let rows = m.len() / n;
            for k in 0..rows {
                for i in 0..rows {
                    let f = 0.3 - i as f64 * 0.1;
                    for j in 0..n {
                        m[i * n + j] += f * m[k * n + j]; // also of the row itself
                    }
                }
            }
            weighted(&m)
        }
    }
    for n in [1, 2, 7, 8, 9, 16, 17, 40] {
        agrees!(combined(n): point(0), point(n), point(3 * n));
    }
}

#[test]
fn sums_of_the_value_keep_their_order() {
    takes_rows_apart! {
        fn folded(x: &[f64], n: usize) -> f64 {
            let mut m = x.to_vec();
            let mut total = 0.1;
            for i in 1..m.len() / n {
                for j in (1..n).rev() {
                    total = total * 0.9 + m[(i - 1) * n + j];
                    m[i * n + j] = 0.7 * m[(i - 1) * n + j] - m[i * n + j];
                }
                for j in 1..n {
                    total += (m[(i - 1) * n + j] - m[i * n + j]) * (j as f64 + 0.1);
                    m[i * n + j] -= 0.5 * m[(i - 1) * n + j];
                }
            }
            total + weighted(&m)
        }
    }
    for n in [1, 2, 9, 17, 30] {
        agrees!(folded(n): point(0), point(n), point(3 * n));
    }
}

#[test]
fn rows_that_overlap_are_used_one_element_after_the_other() {
    takes_rows_apart! {
        fn shifted(x: &[f64], n: usize, by: usize) -> f64 {
            let mut m = x.to_vec();
            let a = 2 * n;
            let b = 2 * n - by;
            for j in 0..n {
                m[a + j] += m[b + j] * 0.3;
            }
            weighted(&m)
        }
    }
    for n in [1, 7, 9, 20] {
        for by in [0, 1, 3, n - 1, n, n + 1].into_iter().filter(|by| *by <= 2 * n) {
            agrees!(shifted(n, by): point(3 * n));
        }
    }
}

#[test]
fn what_is_missing_panics_where_it_did() {
    takes_rows_apart! {
        fn in_place(m: &mut [f64], n: usize, a: usize, b: usize) {
            for j in 0..n {
                m[a + j] += m[b + j] * 0.5;
            }
        }
    }
    let run = |m: &[f64], n, a, b, derivative: bool| {
        let mut m = m.to_vec();
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if derivative { in_place::vjp(&mut m, n, a, b, &mut [1.0; 12]) } else { in_place(&mut m, n, a, b) }
        }));
        (result.is_ok(), m)
    };
    for (n, a, b) in [(4, 8, 0), (4, 9, 0), (4, 0, 9), (13, 0, 1), (0, 50, 60), (0, usize::MAX, 1), (3, 2, 2), (3, usize::MAX, 0)]
    {
        assert_eq!(run(&point(12), n, a, b, true), run(&point(12), n, a, b, false), "{n} {a} {b}");
    }
}

#[test]
fn an_elimination_runs_over_rows_in_every_derivative() {
    takes_rows_apart! {
        fn eliminate(m: &mut [f64], n: usize) {
            for k in 0..n {
                for i in k + 1..n {
                    let f = m[i * n + k] / (m[k * n + k] + 4.0);
                    m[i * n + k] = f;
                    for j in k + 1..n {
                        m[i * n + j] -= f * m[k * n + j];
                    }
                }
            }
        }
    }
    #[differentiable]
    fn eliminated(a: &[f64], n: usize) -> f64 {
        let mut m = a.to_vec();
        eliminate(&mut m, n);
        weighted(&m)
    }
    for n in [0, 1, 2, 9, 10, 18] {
        agrees!(eliminated(n): point(n * n));
    }
}
