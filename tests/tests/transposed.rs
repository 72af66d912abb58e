//! Rows that eight iterations side by side read again and again: the value bit by bit, and the gradient against forward mode, which reads them where they
//! stand, whatever the number of rows and their length.

#![allow(clippy::needless_range_loop, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::stages;
use quote::quote;

fn rows<const N: usize>(count: usize) -> Vec<[f64; N]> {
    (0..count).map(|i| std::array::from_fn(|j| ((i * 29 + j * 13 + 5) % 83) as f64 / 31.0 - 1.3)).collect()
}

fn numbers(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 37 + 11) % 101) as f64 / 40.0 - 1.2).collect()
}

/// How often rows are transposed in the derivatives of a function.
fn count_in(arguments: proc_macro2::TokenStream, function: proc_macro2::TokenStream) -> usize {
    stages(arguments, function).expect("it is differentiable").fused.matches("transposed ::").count()
}

/// Declares a function whose derivatives transpose rows so often.
macro_rules! transposes {
    ($count:literal ($($argument:tt)*) $($function:tt)*) => {
        #[differentiable($($argument)*)]
        $($function)*
        assert_eq!(count_in(quote!($($argument)*), quote!($($function)*)), $count);
    };
}

/// The value bit by bit, and the gradient against forward mode, of a function of a slice and of rows.
macro_rules! agrees_with_forward_mode {
    ($function:ident, $w:expr, $rows:expr $(, $further:expr)*) => {
        for count in [0, 1, 7, 8, 9, 16, 17, 30] {
            let (w, rows) = ($w, $rows(count));
            let (value, gradient) = $function::value_and_grad(&w, &rows $(, $further)*);
            assert_eq!(value.to_bits(), $function(&w, &rows $(, $further)*).to_bits(), "{count}");
            for i in 0..w.len() {
                let direction: Vec<f64> = (0..w.len()).map(|j| f64::from(u8::from(i == j))).collect();
                let (_, slope) = $function::jvp(&w, &rows $(, $further)*, &direction);
                assert!((gradient[i] - slope).abs() <= 1e-12 * slope.abs().max(100.0), "{count} {i}: {} {slope}", gradient[i]);
            }
        }
    };
}

#[test]
fn searches_read_rows_of_any_length() {
    macro_rules! nearest {
        ($count:literal, $length:expr) => {{
            const LENGTH: usize = $length;
            transposes! { $count (wrt(w))
                fn nearest(w: &[f64], points: &[[f64; LENGTH]]) -> f64 {
                    let mut total = 0.5;
                    for i in 0..points.len() {
                        let mut least = f64::INFINITY;
                        for k in 0..w.len() {
                            let mut sum = 0.0;
                            for j in 0..LENGTH {
                                sum += (points[i][j] - w[k]) * (points[i][j] + w[k] * w[k]);
                            }
                            least = least.min(sum);
                        }
                        total += least;
                    }
                    total
                }
            }
            agrees_with_forward_mode!(nearest, numbers(5), rows::<LENGTH>);
            agrees_with_forward_mode!(nearest, numbers(1), rows::<LENGTH>);
        }};
    }
    nearest!(1, 1);
    nearest!(1, 2);
    nearest!(1, 7);
    nearest!(1, 16);
    nearest!(1, 1024);
    nearest!(1, 1025); // above what stands on the stack: rows are read where they are
}

#[test]
fn rows_of_literals_and_of_constant_parameters_are_transposed() {
    transposes! { 1 (wrt(w))
        fn of_a_literal(w: &[f64], points: &[[f64; 3]]) -> f64 {
            let mut total = 0.0;
            for point in points {
                total += w.iter().map(|w| point.iter().map(|x| (x - w) * w).sum::<f64>()).fold(f64::NEG_INFINITY, f64::max);
            }
            total
        }
    }
    agrees_with_forward_mode!(of_a_literal, numbers(4), rows::<3>);
    transposes! { 0 (wrt(w))
        fn of_a_large_literal(w: &[f64], points: &[[f64; 2000]]) -> f64 {
            let mut total = 0.0;
            for point in points {
                total += w.iter().map(|w| point.iter().map(|x| (x - w) * w).sum::<f64>()).fold(f64::NEG_INFINITY, f64::max);
            }
            total
        }
    }
    agrees_with_forward_mode!(of_a_large_literal, numbers(2), rows::<2000>);
    transposes! { 1 (wrt(w))
        fn of_any<const D: usize, T: Real>(w: &[T], points: &[[T; D]]) -> T {
            let mut total = w[0];
            for i in 0..points.len() {
                let mut least = w[0] * w[0];
                for k in 0..w.len() {
                    let mut sum = w[0] - w[0];
                    for j in 0..D {
                        sum += (points[i][j] - w[k]) * (points[i][j] - w[k]);
                    }
                    least = least.min(sum);
                }
                total += least;
            }
            total
        }
    }
    agrees_with_forward_mode!(of_any, numbers(4), rows::<3>);
    agrees_with_forward_mode!(of_any, numbers(4), rows::<0>);
    let single: Vec<[f32; 3]> = rows::<3>(19).iter().map(|row| row.map(|x| x as f32)).collect();
    assert_eq!(of_any::value_and_grad(&[0.5f32, 0.25], &single).0.to_bits(), of_any(&[0.5f32, 0.25], &single).to_bits());
}

#[test]
fn iterations_with_arrays_of_their_own_share_what_is_transposed() {
    transposes! { 1 (wrt(w))
        fn mixture(w: &[f64], xs: &[[f64; 4]]) -> f64 {
            let mut total = 0.25;
            for x in xs {
                let mut sum = 0.0;
                for c in 0..w.len() - 3 {
                    let mut centred = [0.0; 4];
                    let mut y = [0.0; 4];
                    for j in 0..4 {
                        centred[j] = x[j] - w[c];
                    }
                    for j in 0..4 {
                        for i in j..4 {
                            y[i] += w[c + i - j] * centred[j];
                        }
                    }
                    for j in 0..4 {
                        sum += y[j] * y[j];
                    }
                }
                total += sum.sin();
            }
            total
        }
    }
    agrees_with_forward_mode!(mixture, numbers(9), rows::<4>);
}

#[test]
fn rows_that_no_iteration_looks_up_need_not_be_there() {
    transposes! { 1 (wrt(w))
        fn beyond(w: &[f64], points: &[[f64; 3]], count: usize, centres: usize) -> f64 {
            let mut total = w[0];
            for i in 0..count {
                let mut least = w[0] * w[1];
                for k in 0..centres {
                    let mut sum = 0.0;
                    for j in 0..3 {
                        sum += (points[i][j] - w[k]) * w[k];
                    }
                    least = least.min(sum);
                }
                total += least;
            }
            total
        }
    }
    agrees_with_forward_mode!(beyond, numbers(3), |count: usize| rows::<3>(count / 8), 20, 0);
    agrees_with_forward_mode!(beyond, numbers(3), |count: usize| rows::<3>(count + 20), 20, 3);
    let missing = std::panic::catch_unwind(|| beyond::grad(&numbers(3), &rows::<3>(19), 20, 3));
    assert!(missing.is_err(), "a row is missing");
}

#[test]
fn what_is_read_where_something_holds_stays() {
    transposes! { 0 (wrt(w))
        fn guarded(w: &[f64], points: &[[f64; 3]], count: usize) -> f64 {
            let mut total = w[0];
            for i in 0..count {
                let mut least = w[0] * w[1];
                for k in 0..w.len() {
                    let mut sum = 0.0;
                    for j in 0..3 {
                        let is_positive = i < points.len() && points[i][j] > 0.0;
                        if is_positive {
                            sum += (points[i][j] - w[k]) * w[k];
                        }
                    }
                    least = least.min(sum);
                }
                total += least;
            }
            total
        }
    }
    agrees_with_forward_mode!(guarded, numbers(3), |count: usize| rows::<3>(count), 20);
}

#[test]
fn rows_are_those_that_an_index_names_and_elements_those_of_the_range() {
    transposes! { 1 (wrt(w))
        fn shuffled(w: &[f64], points: &[[f64; 5]], order: &[usize]) -> f64 {
            let mut total = w[0];
            for i in 0..order.len() {
                let mut least = w[0] * w[1];
                for k in 0..w.len() {
                    let mut sum = 0.0;
                    for j in 1..5 {
                        sum += (points[order[i]][j] - w[k]) * w[k];
                    }
                    least = least.min(sum);
                }
                total += least;
            }
            total
        }
    }
    let order: Vec<usize> = (0..21).map(|i| i * 8 % 21).collect();
    agrees_with_forward_mode!(shuffled, numbers(3), |_| rows::<5>(21), &order);
    transposes! { 0 (wrt(w))
        fn of_one_element_of_many(w: &[f64], points: &[[f64; 40]]) -> f64 {
            let mut total = w[0];
            for i in 0..points.len() {
                let mut least = w[0] * w[1];
                for k in 0..w.len() {
                    let mut sum = 0.0;
                    for j in 7..9 {
                        sum += (points[i][j] - w[k]) * w[k];
                    }
                    least = least.min(sum);
                }
                total += least;
            }
            total
        }
    }
    agrees_with_forward_mode!(of_one_element_of_many, numbers(3), rows::<40>);
}

#[test]
fn pairs_are_no_numbers() {
    transposes! { 0 (wrt(w))
        fn of_pairs(w: &[f64], points: &[[(f64, f64); 3]]) -> f64 {
            let mut total = w[0];
            for i in 0..points.len() {
                let mut least = w[0] * w[1];
                for k in 0..w.len() {
                    let mut sum = 0.0;
                    for j in 0..3 {
                        sum += (points[i][j].0 - w[k]) * points[i][j].1;
                    }
                    least = least.min(sum);
                }
                total += least;
            }
            total
        }
    }
    let pairs = |count: usize| rows::<3>(count).iter().map(|row| row.map(|x| (x, 0.5 - x))).collect::<Vec<_>>();
    agrees_with_forward_mode!(of_pairs, numbers(3), pairs);
}

#[test]
fn active_rows_get_their_gradient() {
    #[differentiable]
    fn nearest(points: &[[f64; 4]], centres: &[[f64; 4]]) -> f64 {
        let mut total = 0.0;
        for i in 0..points.len() {
            let mut least = f64::INFINITY;
            for k in 0..centres.len() {
                let mut sum = 0.0;
                for j in 0..4 {
                    let difference = points[i][j] - centres[k][j];
                    sum += difference * difference;
                }
                least = least.min(sum);
            }
            total += least.sqrt();
        }
        total
    }
    let (points, centres) = (rows::<4>(25), rows::<4>(40).split_off(36));
    let (value, (d_points, d_centres)) = nearest::value_and_grad(&points, &centres);
    assert_eq!(value.to_bits(), nearest(&points, &centres).to_bits());
    let mut sums = vec![[0.0; 4]; centres.len()];
    for (point, d) in points.iter().zip(&d_points) {
        let (d_point, d_centre) = nearest::grad(std::slice::from_ref(point), &centres);
        assert_eq!(d_point, [*d]);
        sums.accumulate(&d_centre);
    }
    for (d, sum) in d_centres.concat().iter().zip(sums.concat()) {
        assert!((d - sum).abs() <= 1e-12 * sum.abs().max(1.0));
    }
}
