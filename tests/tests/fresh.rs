//! Where `grad` makes the adjoint itself, a loop keeps its records there, and strips store what they would add: which loops do, that values keep their bits, and that
//! derivatives are those of `vjp`, which adds to what its caller has.

#![allow(clippy::needless_range_loop, reason = "indices are what is tested")]

use allocation_counter::measure;
use differentiable::prelude::*;
use differentiable_compiler::{Stages, stages};
use differentiable_tests::agrees;
use proc_macro2::TokenStream;
use quote::quote;

const POINTS: [[f64; 4]; 2] = [[0.2, 0.9, -0.3, 0.7], [0.8, 0.1, 0.4, -0.5]];

/// The sweeps for adjoints that are zeros, of a function of a slice and a number.
fn fresh(body: TokenStream) -> Option<String> {
    let function = quote!(fn f(x: &[f64], k: f64) -> f64 { #body });
    let Stages { fresh, .. } = stages(quote!(), function).unwrap();
    fresh
}

/// The gradient against differences and forward mode, and against what `vjp` adds to numbers that are not zero.
macro_rules! agrees_with_vjp {
    ($($function:ident)*) => {$(
        agrees!($function(0.6): POINTS[0], POINTS[1]);
        for x in POINTS {
            let (value, gradient) = $function::value_and_grad(&x, 0.6);
            assert_eq!(value.to_bits(), $function(&x, 0.6).to_bits());
            assert_eq!(gradient, $function::grad(&x, 0.6));
            let mut added = [0.25; 4];
            assert_eq!(value.to_bits(), $function::vjp(&x, 0.6, 1.0, &mut added).to_bits());
            for (added, of) in added.iter().zip(gradient) {
                assert!((added - 0.25 - of).abs() <= 1e-14 * of.abs().max(1.0), "{added} is not {of} more than before");
            }
        }
    )*};
}

#[differentiable(wrt(x))]
fn lse(x: &[f64], k: f64) -> f64 {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = x.iter().map(|v| (k * (v - max)).exp()).sum();
    max + sum.ln()
}

#[differentiable(wrt(x))]
fn subtracted(x: &[f64], k: f64) -> f64 {
    let mut sum = 3.0;
    for i in 0..x.len() {
        sum -= k * (k - x[i]).tanh();
    }
    sum * sum
}

/// What is read again after the loop, and in one that runs backwards over a part.
#[differentiable(wrt(x))]
fn read_elsewhere(x: &[f64], k: f64) -> f64 {
    let first = x[0] * x[3];
    let mut sum = first;
    for i in (1..x.len()).rev() {
        sum += (x[i] * k + x[i - 1]).sin() * x[i];
    }
    (sum * sum + 1.0).sqrt() * first
}

/// The elements are added to before the loop is reversed.
#[differentiable(wrt(x))]
fn read_later(x: &[f64], k: f64) -> f64 {
    let sum: f64 = x.iter().map(|v| (k * v).exp()).sum();
    x.iter().map(|v| v * sum).sum::<f64>() + x[1]
}

#[test]
fn derivatives_are_those_of_sweeps_that_add() {
    agrees_with_vjp!(lse subtracted read_elsewhere read_later);
}

#[test]
fn vectorised_calls_leave_their_results_there() {
    #[differentiable(wrt(x), relaxed)]
    fn f(x: &[f64], k: f64) -> f64 {
        let sum: f64 = x.iter().map(|v| (k * v).exp()).sum();
        (sum + 1.0).ln()
    }
    let x: Vec<f64> = (0..200).map(|i| f64::from(i).sin()).collect();
    let sum: f64 = x.iter().map(|v| (0.6 * v).exp()).sum();
    for (x, d) in x.iter().zip(f::grad(&x, 0.6)) {
        let want = 0.6 * (0.6 * x).exp() / (sum + 1.0);
        assert!((d - want).abs() <= 1e-14 * want, "{d} is not {want}");
    }
}

/// What the macro writes for a function of a slice and a number.
fn expansion(body: TokenStream) -> String {
    differentiable_compiler::differentiable(quote!(wrt(x)), quote!(fn f(x: &[f64], k: f64) -> f64 { #body })).to_string()
}

#[test]
fn a_gradient_is_made_of_what_a_loop_over_all_elements_keeps() {
    let is_made = |body| !expansion(body).contains("zeros_of_slice");
    assert!(is_made(quote!(x.iter().map(|v| (k * v).exp()).sum::<f64>().ln())));
    assert!(is_made(quote!({
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += (k * x[i]).exp();
        }
        sum.ln()
    })));
    // of a part, from the end, of every other element, in an inner block
    assert!(!is_made(quote!(x.iter().skip(1).map(|v| (k * v).exp()).sum::<f64>().ln())));
    assert!(!is_made(quote!(x.iter().take(3).map(|v| (k * v).exp()).sum::<f64>().ln())));
    assert!(!is_made(quote!(x.iter().rev().map(|v| (k * v).exp()).sum::<f64>().ln())));
    assert!(!is_made(quote!(x.iter().step_by(2).map(|v| (k * v).exp()).sum::<f64>().ln())));
    assert!(!is_made(quote!(if k > 0.0 { x.iter().map(|v| (k * v).exp()).sum::<f64>().ln() } else { k })));
}

/// Another slice says how many elements there are, or a part of the slice itself.
#[differentiable(wrt(x))]
fn as_long_as_another(x: &[f64], y: &[f64]) -> f64 {
    let sum: f64 = y.iter().zip(x).map(|(y, x)| (x * y).exp()).sum();
    sum.ln()
}

#[differentiable(wrt(x))]
fn parts(x: &[f64], k: f64) -> f64 {
    let mut sum = 1.0;
    for i in 1..x.len() {
        sum += (k * x[i]).exp();
    }
    let mut others = 1.0;
    for i in (0..x.len()).step_by(2) {
        others += (k * x[i]).sin();
    }
    sum.ln() * others
}

#[test]
fn gradients_of_any_length_are_whole_and_those_that_vjp_adds_to_zeros() {
    for length in [0, 1, 2, 7, 8, 9, 16, 17, 40] {
        let x: Vec<f64> = (0..length).map(|i| f64::from(i * i).sin()).collect();
        let same = |(value, gradient): (f64, Vec<f64>), (of, added): (f64, Vec<f64>)| {
            assert_eq!((value.to_bits(), gradient.len()), (of.to_bits(), x.len()));
            for (gradient, added) in gradient.iter().zip(added) {
                assert!((gradient - added).abs() <= 1e-14 * added.abs().max(1.0), "{gradient} is not {added}");
            }
        };
        let mut added = vec![0.0; x.len()];
        same(lse::value_and_grad(&x, 0.6), (lse::vjp(&x, 0.6, 1.0, &mut added), added));
        let mut added = vec![0.0; x.len()];
        same(subtracted::value_and_grad(&x, 0.6), (subtracted::vjp(&x, 0.6, 1.0, &mut added), added));
        let mut added = vec![0.0; x.len()];
        same(parts::value_and_grad(&x, 0.6), (parts::vjp(&x, 0.6, 1.0, &mut added), added));
        let y = &x[..x.len() / 2];
        let mut added = vec![0.0; x.len()];
        same(as_long_as_another::value_and_grad(&x, y), (as_long_as_another::vjp(&x, y, 1.0, &mut added), added));
    }
}

#[test]
fn a_gradient_is_the_only_memory_that_its_loop_needs() {
    let x: Vec<f64> = (0..5000).map(|i| f64::from(i).sin()).collect();
    assert_eq!(measure(|| _ = lse::grad(&x, 0.6)).count_total, 1);
    assert_eq!(measure(|| _ = subtracted::value_and_grad(&x, 0.6)).count_total, 1);
    let softmax: f64 = lse::grad(&x, 0.6).iter().sum();
    assert!((softmax - 1.0).abs() < 1e-12, "the gradient sums up to {softmax}");
}

#[test]
fn other_scalars_keep_their_records_likewise() {
    #[differentiable]
    fn of<T: Real>(x: &[T]) -> T {
        let sum: T = x.iter().map(|v| v.exp()).sum();
        sum.ln()
    }
    #[differentiable(wrt(x, y))]
    fn of_two(x: &[f32], y: &[f32]) -> f32 {
        let sum: f32 = x.iter().zip(y).map(|(x, y)| (x * y).exp()).sum();
        sum.ln()
    }
    let softmax = of::grad(&[0.0f32, 0.0]);
    assert_eq!(softmax, [0.5, 0.5]);
    assert_eq!(of::grad(&[0.0f64; 4]), [0.25; 4]);
    let none: [f64; 0] = [];
    assert_eq!(of::grad(&none), none);
    assert!(of::grad(&[f64::NAN, 1.0]).iter().all(|d| d.is_nan()));
    assert_eq!(of_two::grad(&[1.0, 1.0], &[0.0, 0.0]), (vec![0.0; 2], vec![0.5; 2]));
}

#[test]
fn numbers_of_another_type_or_for_another_element_have_a_tape() {
    assert!(fresh(quote!(x.iter().map(|v| (k * v).exp()).sum::<f64>().ln())).is_some());
    // converted
    assert!(fresh(quote!(x.iter().map(|v| (*v as f32).exp() as f64).sum::<f64>().ln())).is_none());
    // of the number alone
    assert!(fresh(quote!((0..x.len()).map(|i| (k * i as f64).exp()).sum::<f64>().ln() * x[0])).is_none());
    // added to by neighbours
    assert!(fresh(quote!(x.windows(2).map(|w| (w[0] * w[1]).exp()).sum::<f64>().ln())).is_none());
    // added to before
    assert!(
        fresh(quote!({
            let sum: f64 = x.iter().map(|v| (k * v).exp()).sum();
            sum.ln() * x[0]
        }))
        .is_none()
    );
}

#[test]
fn exponentials_of_a_long_logsumexp_are_kept_in_zeros_as_far_as_there_are_some() {
    let x: Vec<f64> = (0..2000).map(|i| 3.0 * f64::from(i).sin()).collect();
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    for first in [0, 1, 31, 32, 33, 1000, 1999, 2000] {
        let mut d = vec![0.0; x.len()];
        d[first..].fill(0.25);
        let value = logsumexp::vjp(&x, -2.0, &mut d);
        assert_eq!(value.to_bits(), logsumexp(&x).to_bits());
        for (i, (d, x)) in d.iter().zip(&x).enumerate() {
            let want = if i < first { 0.0 } else { 0.25 } - 2.0 * x.exp() / sum;
            assert!((d - want).abs() <= 1e-14, "entry {i} of those from {first} on: {d} is not {want}");
        }
    }
}

/// Neighbours, from an element on that is not the first.
#[differentiable(wrt(x))]
fn neighbours(x: &[f64], k: f64) -> f64 {
    let mut sum = 0.0;
    for i in 2..x.len() {
        let difference = x[i] - k * x[i - 2] * x[i - 1];
        sum += difference * difference + k * x[i];
    }
    sum
}

/// Each element alone.
#[differentiable(wrt(x))]
fn alone(x: &[f64], k: f64) -> f64 {
    x.iter().map(|x| (x - k).powi(2) * (x + k)).sum()
}

/// The second loop adds to what the first one has stored.
#[differentiable(wrt(x))]
fn twice(x: &[f64], k: f64) -> f64 {
    let first: f64 = x.windows(2).map(|w| (w[1] - k * w[0]).powi(2) + w[0].powi(2)).sum();
    first + x.windows(2).map(|w| (w[1] * w[0] - k).powi(2) + w[1].powi(2)).sum::<f64>()
}

/// Each run of the inner loop adds to what those before have left.
#[differentiable(wrt(x))]
fn again_and_again(x: &[f64], k: f64) -> f64 {
    let mut sum = 0.0;
    for turn in 0..3 {
        for i in 1..x.len() {
            let difference = x[i] - k * x[i - 1];
            sum += difference * difference * x[i] + turn as f64 * x[i];
        }
    }
    sum
}

/// Each term adds to an element of another strip, too.
#[differentiable(wrt(x))]
fn from_both_ends(x: &[f64], k: f64) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        let difference = x[i] - k * x[i - 1];
        sum += difference * difference * x[0] + x[x.len() - i] * k;
    }
    sum
}

/// Something is added before the loop.
#[differentiable(wrt(x))]
fn behind_another(x: &[f64], k: f64) -> f64 {
    let mut sum = 0.0;
    if let Some(last) = x.last() {
        sum += k * last * last;
    }
    for i in 1..x.len() {
        let difference = x[i] - k * x[i - 1];
        sum += difference * difference + x[i] * x[i - 1];
    }
    sum
}

/// The loop does not run in every case.
#[differentiable(wrt(x))]
fn in_a_choice(x: &[f64], k: f64) -> f64 {
    let mut sum = 0.0;
    if k > 0.0 {
        for i in 1..x.len() {
            let difference = x[i] - k * x[i - 1];
            sum += difference * difference + x[i] * x[i - 1];
        }
    }
    sum + x.iter().map(|x| (x * x - k).powi(2)).sum::<f64>()
}

#[differentiable(wrt(x, y))]
fn of_two_slices(x: &[f64], k: f64, y: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        let difference = x[i] - k * y[i - 1];
        sum += difference * difference * y[i] + x[i - 1] * k;
    }
    sum
}

/// What `vjp` adds to zeros.
macro_rules! is_what_is_added_to_zeros {
    ($($function:ident)*) => {$(
        for length in [0, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 24, 25, 33, 34, 65] {
            let x: Vec<f64> = (0..length).map(|i| (1.7 * f64::from(i)).sin() - 0.2).collect();
            for k in [0.6, -0.5] {
                let (value, gradient) = $function::value_and_grad(&x, k);
                assert_eq!(value.to_bits(), $function(&x, k).to_bits());
                assert_eq!(gradient, $function::grad(&x, k));
                let mut added = vec![0.0; x.len()];
                assert_eq!(value.to_bits(), $function::vjp(&x, k, 1.0, &mut added).to_bits());
                assert_eq!(gradient, added, "{} of {length}", stringify!($function));
                added.fill(0.25);
                $function::vjp(&x, k, 1.0, &mut added);
                for (added, of) in added.iter().zip(gradient) {
                    assert!((added - 0.25 - of).abs() <= 1e-13 * of.abs().max(1.0), "{added} is not {of} more than before");
                }
            }
        }
    )*};
}

#[test]
fn what_strips_store_in_zeros_is_what_they_add() {
    is_what_is_added_to_zeros!(neighbours alone twice again_and_again from_both_ends behind_another in_a_choice);
    let points: Vec<f64> = (0..35).map(|i| (0.9 * f64::from(i)).cos()).collect();
    for x in [&points[..5], &points[..12], &points] {
        agrees!(neighbours(0.6): x);
        agrees!(alone(0.6): x);
        agrees!(twice(0.6): x);
        agrees!(again_and_again(0.6): x);
        agrees!(from_both_ends(0.6): x);
        agrees!(behind_another(0.6): x);
        agrees!(in_a_choice(0.6): x);
    }
}

#[test]
fn strips_store_in_each_of_two_gradients() {
    for length in [1, 9, 17, 40] {
        let (x, y): (Vec<f64>, Vec<f64>) = (0..length).map(|i| (f64::from(i).sin(), 0.3 * f64::from(i).cos())).unzip();
        let (value, gradients) = of_two_slices::value_and_grad(&x, 0.6, &y);
        assert_eq!(value.to_bits(), of_two_slices(&x, 0.6, &y).to_bits());
        let mut added = (vec![0.0; x.len()], vec![0.0; y.len()]);
        of_two_slices::vjp(&x, 0.6, &y, 1.0, &mut added.0, &mut added.1);
        assert_eq!(gradients, added);
    }
}

#[test]
fn strips_store_only_where_nothing_was_added_before() {
    let stores = |body: TokenStream| {
        let fresh = fresh(body)?;
        Some((fresh.matches("copy_from_slice").count(), fresh.matches("add_each").count()))
    };
    // what is carried is added to each strip's own, and behind the last
    assert_eq!(stores(quote!(x.windows(2).map(|w| (w[1] - k * w[0]).powi(2) + w[0].powi(2)).sum())), Some((1, 2)));
    assert_eq!(stores(quote!(x.iter().map(|x| (x - k).powi(2) * (x + k)).sum())), Some((1, 0)));
    // in each run of a loop
    let again = quote!({
        let mut sum = 0.0;
        for _ in 0..3 {
            sum += x.windows(2).map(|w| (w[1] - k * w[0]).powi(2) + w[0].powi(2)).sum::<f64>();
        }
        sum
    });
    assert_eq!(stores(again), None);
    // elements that another strip stores in
    let from_both_ends = quote!({
        let mut sum = 0.0;
        for i in 1..x.len() {
            sum += (x[i] - k * x[i - 1]).powi(2) * x[x.len() - i];
        }
        sum
    });
    assert_eq!(stores(from_both_ends), None);
    // of two loops the first; what comes later adds
    let two = quote!({
        let first: f64 = x.windows(2).map(|w| (w[1] - k * w[0]).powi(2) + w[0].powi(2)).sum();
        x[3].powi(2) + first + x.windows(2).map(|w| (w[1] * w[0] - k).powi(2) + w[1].powi(2)).sum::<f64>()
    });
    assert_eq!(stores(two), Some((1, 5)));
}
