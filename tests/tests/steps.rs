//! Steps over long arrays: what a step keeps of them stands on a tape of its own, what flows back stands in memory that all steps use, and is read, not taken,
//! for the last time. Each function stands at a corner; all derivatives are compared with differences, with forward mode, and with each other.

#![allow(clippy::needless_range_loop, reason = "indices are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::{Stages, differentiable, stages};
use differentiable_tests::{agrees, agrees_twice, halves_agree};
use quote::quote;

/// Points without zeros and ties.
const POINTS: [[f64; 4]; 2] = [[0.2, 0.9, -0.3, 0.7], [0.8, 0.1, 0.4, -0.5]];

/// Reverse mode in one go and in two halves, twice, forward mode, and the value's bits.
macro_rules! agrees_in_all {
    ($function:ident) => {{
        agrees!($function, 4, POINTS[0], POINTS[1]);
        halves_agree!($function, 4, POINTS[0], POINTS[1]);
    }};
}

/// The text of all derivatives.
fn expanded(function: proc_macro2::TokenStream) -> String {
    differentiable(quote!(), function).to_string()
}

const N: usize = 70;
const LONG: usize = 900;
const STEPS: usize = 12;

#[differentiable(second_order)]
fn slope(x: &[f64; 4], y: &[f64; N]) -> [f64; N] {
    let mut slope = [0.0; N];
    slope[0] = x[0] * x[1];
    for i in 1..N {
        slope[i] = x[i % 4] * y[i - 1] * y[i];
    }
    slope
}

#[test]
fn long_arrays_of_constant_numbers_of_steps_agree() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = [0.3; N];
        for i in 0..N {
            y[i] += x[i % 4];
        }
        for _ in 0..STEPS {
            let k1 = slope(x, &y);
            let mut stage = [0.0; N];
            for i in 0..N {
                stage[i] = y[i] + 0.05 * k1[i];
            }
            let k2 = slope(x, &stage);
            for i in 0..N {
                stage[i] = y[i] - 0.1 * k2[i] * k1[i];
            }
            let k3 = slope(x, &stage);
            for i in 0..N {
                y[i] += 0.1 * (k1[i] + 2.0 * k2[i] + k3[i]) / 6.0;
            }
        }
        y.iter().sum()
    }
    agrees_in_all!(f);
    agrees_twice!(f, 4, POINTS[0], POINTS[1]);
}

#[test]
fn long_arrays_of_literal_and_unknown_numbers_of_steps_agree() {
    #[differentiable]
    fn literal(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; 100];
        for t in 0..9 {
            let squared = y;
            for i in 1..100 {
                y[i] = squared[i - 1] * squared[i] * x[(i + t) % 4] + 0.1;
            }
        }
        y[99] + y[3]
    }
    agrees_in_all!(literal);
    #[differentiable(wrt(x))]
    fn of_any(x: &[f64; 4], steps: usize) -> f64 {
        let mut y = [0.5; LONG];
        let mut total = 0.0;
        for t in 0..steps {
            let mut next = [0.0; LONG];
            for i in 0..LONG {
                next[i] = (y[i] * x[(i + t) % 4]).sin();
            }
            for i in 0..LONG {
                y[i] = next[LONG - 1 - i] * next[i];
            }
            total += y[t] * next[7];
        }
        total
    }
    #[differentiable]
    fn five(x: &[f64; 4]) -> f64 {
        of_any(x, 5) + of_any(x, 0)
    }
    agrees_in_all!(five);
}

#[test]
fn long_arrays_of_generic_lengths_and_numbers_agree() {
    #[differentiable(wrt(x))]
    fn steps<T: Real, const M: usize, const S: usize>(x: &[T; 4], start: &[T; M]) -> T {
        let mut y = *start;
        for _ in 0..S {
            let mut next = [x[0]; M];
            for i in 1..M {
                next[i] = y[i - 1] * y[i] + x[i % 4];
            }
            for i in 0..M {
                y[i] = (next[i] * y[i]).tanh();
            }
        }
        y[M - 1] * y[1]
    }
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        steps::<f64, 80, 6>(x, &[0.4; 80])
    }
    agrees_in_all!(f);
}

#[test]
fn steps_that_are_left_early_and_run_while_a_condition_holds_agree() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; N];
        let mut t = 0;
        while y[3] < 40.0 {
            let before = y;
            for i in 1..N {
                y[i] = before[i - 1] * before[i] * x[i % 4] + 3.0 + before[i];
            }
            t += 1;
            if t > 6 {
                break;
            }
        }
        let mut z = [0.1; N];
        for t in 0..STEPS {
            let before = z;
            for i in 1..N {
                z[i] = before[i - 1] * before[i] + x[i % 4];
            }
            if t == 7 {
                break;
            }
        }
        y[60] * 1e-3 + z[50]
    }
    agrees_in_all!(f);
}

#[test]
fn what_code_sees_of_an_array_stays_in_the_record() {
    fn largest(of: [f64; N]) -> usize {
        let mut at = 0;
        for i in 0..N {
            if of[i] > of[at] {
                at = i;
            }
        }
        at
    }
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; N];
        let mut total = 0.0;
        for _ in 0..STEPS {
            let mut next = [0.0; N];
            for i in 0..N {
                next[i] = (y[i] * x[i % 4] + x[0]).sin();
            }
            let at = largest(next);
            for i in 0..N {
                y[i] = next[i] * next[N - 1 - i];
            }
            total += next[at];
        }
        total
    }
    agrees_in_all!(f);
}

#[test]
fn arrays_of_records_have_tapes_of_their_own_and_no_copy_on_the_way() {
    let text = expanded(quote!(
        fn f(x: &[f64; 100]) -> f64 {
            let mut y = [0.5; 100];
            for _ in 0..50 {
                let slope = slope(&y);
                let mut next = [0.0; 100];
                for i in 0..100 {
                    next[i] = y[i] * x[i];
                }
                for i in 0..100 {
                    y[i] = next[i] * next[99 - i] + slope[i];
                }
            }
            y[0]
        }
    ));
    assert!(text.contains("next_tape . put ([0.0 ; 100])"), "{text}");
    assert!(text.contains("y_before_tape . put_copy"), "{text}");
}

#[test]
fn what_is_taken_again_is_set_to_zero() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> [f64; 6] {
        let mut a = [0.0; 6];
        for i in 0..4 {
            a[i] = x[i] * x[0];
        }
        for i in 2..5 {
            a[i] = x[i - 2] * x[1];
        }
        a[5] = x[3] * x[2];
        a[0] = x[1] * x[2];
        a
    }
    #[differentiable]
    fn g(x: &[f64; 4]) -> f64 {
        let a = f(x);
        let b = f(&[a[0], a[1], a[2], a[5]]);
        a[0] * a[3] + b[4] * b[1] + a[5] * b[2]
    }
    agrees_in_all!(g);
    let rows = f::jacobian(&POINTS[0]);
    assert_eq!(rows[1], [POINTS[0][1], POINTS[0][0], 0.0, 0.0]);
    assert_eq!(rows[2][..2], [POINTS[0][1], POINTS[0][0]]);
}

#[test]
fn a_cotangent_of_which_all_numbers_are_read_once_is_not_copied() {
    let Stages { backward, .. } = stages(
        quote!(),
        quote!(
            fn right(x: &[f64; 9]) -> [f64; 9] {
                let mut result = [0.0; 9];
                result[0] = x[0];
                for i in 1..9 {
                    result[i] = x[i] * x[i - 1];
                }
                result
            }
        ),
    )
    .unwrap();
    assert!(!backward.contains("result_bar = ") && backward.contains("seed[i]"), "{backward}");
}

#[test]
fn adjoints_that_all_steps_use_agree() {
    #[differentiable]
    fn all(y: &[f64; N], x: &[f64; 4]) -> [f64; N] {
        let mut all = [0.0; N];
        for i in 0..N {
            all[i] = y[i] * x[i % 4];
        }
        all
    }
    // the last number is read apart from the loop
    #[differentiable]
    fn with_another(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; N];
        let mut total = 0.0;
        for _ in 0..STEPS {
            let k = all(&y, x);
            total += k[N - 1] * k[2];
            for i in 0..N - 1 {
                y[i] += k[i] * 0.1;
            }
        }
        total + y[4]
    }
    agrees_in_all!(with_another);
    // the loop leaves numbers out
    #[differentiable]
    fn in_part(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; N];
        for _ in 0..STEPS {
            let k = all(&y, x);
            let l = all(&k, x);
            for i in 3..40 {
                y[i] -= k[i] * l[i];
            }
        }
        y[4] * y[39]
    }
    agrees_in_all!(in_part);
    // a choice in the loop
    #[differentiable]
    fn in_some(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; N];
        for _ in 0..STEPS {
            let k = all(&y, x);
            for i in 0..N {
                if i % 3 == 1 {
                    y[i] -= k[i] * 0.2;
                }
            }
        }
        y[4] * y[31]
    }
    agrees_in_all!(in_some);
}

#[test]
fn adjoints_of_vectors_of_changing_lengths_agree() {
    #[differentiable(wrt(x))]
    fn first(x: &[f64; 4], n: usize) -> Vec<f64> {
        (0..n).map(|i| x[i % 4] * x[0]).collect()
    }
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = [0.5; 2];
        for t in 0..5 {
            let k = first(x, 2 + t);
            for i in 0..2 {
                y[i] = y[i] * k[i] + k[i];
            }
        }
        y[0] * y[1]
    }
    agrees_in_all!(f);
}

#[test]
fn vectors_that_are_exchanged_stand_one_behind_the_other() {
    #[differentiable(wrt(x), second_order)]
    fn of_any(x: &[f64; 4], steps: usize) -> f64 {
        let mut u = x.to_vec();
        let mut next = x.to_vec();
        let mut total = 0.0;
        for t in 0..steps {
            for i in 1..3 {
                next[i] = u[i] + x[t % 4] * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
            }
            if next[1] > 1e6 {
                break;
            }
            std::mem::swap(&mut u, &mut next);
            total += u[2] * u[1];
        }
        total + u[1]
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        of_any(x, 5) * of_any(x, 0) + of_any(x, 1)
    }
    agrees_in_all!(f);
    agrees_twice!(f, 4, POINTS[0], POINTS[1]);
    // vectors whose lengths change, and vectors of vectors
    #[differentiable]
    fn g(x: &[f64; 4]) -> f64 {
        let (mut long, mut short) = (x.to_vec(), vec![x[1] * x[2], x[0]]);
        let mut rows = vec![vec![x[0], x[1]], vec![x[2]]];
        let mut others = vec![vec![x[3]], vec![x[2], x[3]]];
        let mut total = 0.0;
        for i in 0..3 {
            for j in 0..2 {
                total += long[j] * short[1 - j] + rows[j][0] * others[j][0] * rows[j][0];
            }
            std::mem::swap(&mut long, &mut short);
            std::mem::swap(&mut rows, &mut others);
            short[1] *= x[i];
            long.push(x[i] * short[0]);
            rows[1][0] *= x[i];
        }
        total
    }
    agrees_in_all!(g);
}
