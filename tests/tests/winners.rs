//! Folds by `min` and `max`: the cotangent goes to what may have given the result, whatever else is equal, NaN or infinite.

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[differentiable]
fn largest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

#[test]
fn the_largest_takes_all() {
    agrees!(largest: [0.5], [0.5, 2.0, -1.0], [3.0, 2.0, 1.0, 0.0, -7.0], [-3.0, -2.0, -1.0, 0.0, 7.0, 6.5]);
    assert!(largest::grad(&[]).is_empty());
    assert_eq!(largest::grad(&[1.0, 5.0, 2.0, 4.0]), [0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn equal_ones_have_the_shares_that_each_comparison_gives_them() {
    assert_eq!(largest::grad(&[1.0, 3.0, 3.0, 2.0]), [0.0, 0.5, 0.5, 0.0]);
    assert_eq!(largest::grad(&[3.0, 3.0, 3.0]), [0.25, 0.25, 0.5]);
    assert_eq!(largest::grad(&[0.0, -0.0, -1.0, 0.0]), [0.25, 0.25, 0.0, 0.5]);
    assert_eq!(largest::grad(&[3.0, 3.0, 3.0, 3.0, 3.0, 9.0]), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let many = vec![2.0; 40];
    assert_eq!(largest::grad(&many).iter().sum::<f64>(), 1.0);
    assert_eq!(largest::grad(&many)[39], 0.5);
}

#[test]
fn nan_takes_nothing_unless_it_is_the_result() {
    let nan = f64::NAN;
    assert_eq!(largest::grad(&[1.0, nan, 0.5]), [1.0, 0.0, 0.0]);
    assert_eq!(largest::grad(&[nan, 1.0, 0.5]), [0.0, 1.0, 0.0]);
    assert_eq!(largest::grad(&[1.0, 0.5, nan]), [1.0, 0.0, 0.0]);
    #[differentiable]
    fn from_the_first(x: &[f64]) -> f64 {
        x[1..].iter().fold(x[0], |least, v| least.min(*v))
    }
    assert!(from_the_first::grad(&[nan, nan]).iter().all(|d| d.is_nan()));
    assert_eq!(from_the_first::grad(&[nan, 2.0, 3.0]), [0.0, 1.0, 0.0]);
    assert_eq!(from_the_first::grad(&[2.0, 2.0, 3.0]), [0.5, 0.5, 0.0]);
}

#[test]
fn blocks_that_are_passed_over_change_neither_value_nor_gradient() {
    #[differentiable]
    fn least(x: &[f64]) -> f64 {
        x.iter().copied().fold(f64::INFINITY, f64::min)
    }
    let number = |i: usize, of: usize| ((i * 37 + 11) % of) as f64 - 5.0;
    for length in [15, 16, 17, 31, 32, 33, 48, 100] {
        for of in [3, 7, 101] {
            let mut x: Vec<f64> = (0..length).map(|i| number(i, of)).collect();
            for special in [f64::NAN, -0.0, f64::INFINITY, 1000.0, -1000.0] {
                x[length * 2 / 3] = special;
                let negated: Vec<f64> = x.iter().map(|v| -v).collect();
                let (value, gradient) = largest::value_and_grad(&x);
                assert_eq!(value.to_bits(), largest(&x).to_bits());
                assert_eq!(gradient, one_after_the_other(&x), "{x:?}");
                let (value, gradient) = least::value_and_grad(&negated);
                assert_eq!(value.to_bits(), least(&negated).to_bits());
                assert_eq!(gradient, one_after_the_other(&x), "{x:?}");
            }
        }
    }
}

/// The gradient of the largest: each comparison shares between what is compared.
fn one_after_the_other(x: &[f64]) -> Vec<f64> {
    let (mut greatest, mut gradient) = (f64::NEG_INFINITY, vec![0.0; x.len()]);
    for (i, v) in x.iter().enumerate() {
        let share = if *v == greatest { 0.5 } else { f64::from(*v > greatest) };
        gradient.iter_mut().for_each(|d| *d *= 1.0 - share);
        gradient[i] = share;
        greatest = greatest.max(*v);
    }
    gradient
}

#[test]
fn a_range_that_ends_behind_the_elements_panics_as_the_function_does() {
    #[differentiable]
    fn beyond(x: &[f64], count: usize) -> f64 {
        let mut a = 0.0;
        for i in 0..count {
            a = f64::max(a, x[i]);
        }
        a
    }
    let x = vec![0.5; 20];
    assert!(std::panic::catch_unwind(|| beyond(&x, 21)).is_err());
    assert!(std::panic::catch_unwind(|| beyond::grad(&x, 21)).is_err());
    assert_eq!(
        beyond::value_and_grad(&x, 1),
        (0.5, {
            let mut d = vec![0.0; 20];
            d[0] = 1.0;
            d
        })
    );
}

#[test]
fn relaxed_folds_of_maths_keep_their_winners() {
    #[differentiable(relaxed)]
    fn highest(x: &[f64]) -> f64 {
        x.iter().map(|v| (-v * v).exp()).fold(0.0, f64::max)
    }
    let x: Vec<f64> = (0..150).map(|i| f64::from((i * 37 + 20) % 150) * 0.01 - 0.493).collect();
    let (value, gradient) = highest::value_and_grad(&x);
    let nearest = (0..x.len()).min_by(|a, b| x[*a].abs().total_cmp(&x[*b].abs())).expect("a number");
    assert!((value - highest(&x)).abs() < 1e-14);
    for (i, d) in gradient.iter().enumerate() {
        let expected = if i == nearest { -2.0 * x[i] * value } else { 0.0 };
        assert!((d - expected).abs() < 1e-14, "{i}: {d}");
    }
}

#[test]
fn infinite_parts_can_win() {
    assert_eq!(largest::grad(&[1.0, f64::INFINITY, 2.0]), [0.0, 1.0, 0.0]);
    assert_eq!(largest::grad(&[f64::NEG_INFINITY, f64::NEG_INFINITY]), [0.25, 0.5]);
}

#[test]
fn what_is_compared_is_differentiated_for_the_winners_alone() {
    #[differentiable(wrt(centres))]
    fn cost(points: &[[f64; 2]], centres: &[[f64; 2]]) -> f64 {
        points
            .iter()
            .map(|point| {
                centres.iter().map(|c| (point[0] - c[0]).powi(2) + (point[1] - c[1]).powi(2)).fold(f64::INFINITY, f64::min)
            })
            .sum()
    }
    let points = [[0.0, 0.0], [1.0, 0.5], [4.0, 4.0], [2.0, 2.5], [-3.0, 1.0]];
    let centres = [[0.5, 0.0], [3.5, 4.0], [-2.0, 0.5]];
    let gradient = cost::grad(&points, &centres);
    let mut expected = [[0.0; 2]; 3];
    for point in points {
        let distance = |c: &[f64; 2]| (point[0] - c[0]).powi(2) + (point[1] - c[1]).powi(2);
        let nearest = (0..3).min_by(|a, b| distance(&centres[*a]).total_cmp(&distance(&centres[*b]))).expect("a centre");
        for i in 0..2 {
            expected[nearest][i] += 2.0 * (centres[nearest][i] - point[i]);
        }
    }
    assert_eq!(gradient, expected);
    // a point halfway between two
    assert_eq!(cost::grad(&[[1.0, 0.0]], &[[0.0, 0.0], [2.0, 0.0]]), [[-1.0, 0.0], [1.0, 0.0]]);
}

#[test]
fn parts_whose_derivative_is_infinite_disturb_no_other() {
    #[differentiable]
    fn roots(x: &[f64]) -> f64 {
        x.iter().map(|v| v.sqrt()).fold(0.5, f64::max)
    }
    assert_eq!(roots::grad(&[0.0, 4.0, 1.0, 0.0]), [0.0, 0.25, 0.0, 0.0]);
    assert_eq!(roots::grad(&[0.0, 0.0]), [0.0, 0.0]);
}

#[test]
fn an_accumulator_that_the_parts_depend_on_is_followed_through_all_iterations() {
    #[differentiable]
    fn mixed(x: &[f64]) -> f64 {
        let mut a = x[0];
        for v in x {
            a = a.max(v - 0.25 * a);
        }
        a
    }
    agrees!(mixed: [0.3, 1.7, 2.9, 4.2, 0.1], [2.0, 0.1, 5.0, 1.0, 6.0]);
}

#[test]
fn an_accumulator_that_is_read_on_the_way_is_followed_as_well() {
    #[differentiable]
    fn running(x: &[f64]) -> f64 {
        let (mut a, mut total) = (x[0] * x[1], 0.0);
        for i in 0..x.len() {
            a = a.min(x[i] * x[0]);
            total += a * i as f64;
        }
        total + a
    }
    agrees!(running: [0.3, 1.7, 2.9, -4.2, 0.1], [2.0, 0.6, 5.0, 1.0, -6.0]);
}

#[test]
fn several_folds_in_one_loop_agree() {
    #[differentiable]
    fn spread(x: &[f64]) -> f64 {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in x {
            low = low.min(v.sin());
            high = high.max(v * v);
        }
        high * low
    }
    agrees!(spread: [0.3, 1.7, 2.9, 4.2, 0.1], [2.0, 0.6, 5.0, 1.0]);
}

#[test]
fn constant_ranges_and_generic_scalars_agree() {
    #[differentiable]
    fn fixed(x: &[f64; 6]) -> f64 {
        let mut a = 0.0;
        for i in 0..6 {
            a = f64::max(a, x[i] * x[5 - i].cos());
        }
        a * a
    }
    agrees!(fixed, 6, [0.3, 1.7, 2.9, 4.2, 0.1, -0.4], [-1.0, 0.2, 3.0, 0.7, 2.0, 1.0]);
    #[differentiable]
    fn generic<T: Real, const N: usize>(x: &[T; N]) -> T {
        let mut a = x[0];
        for i in 1..N {
            a = a.max(x[i]);
        }
        a
    }
    assert_eq!(generic::grad(&[1.0f32, 4.0, 4.0, 2.0]), [0.0, 0.5, 0.5, 0.0]);
    assert_eq!(generic::grad(&[1.0f64, 4.0, 3.0]), [0.0, 1.0, 0.0]);
}
