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

#[test]
fn blocks_of_memory_of_the_functions_own_and_of_parts_agree() {
    #[differentiable]
    fn of_products(x: &[f64]) -> f64 {
        let mut products = x.to_vec();
        for i in 0..products.len() {
            products[i] *= x[i / 2];
        }
        let (mut least, mut greatest) = (x[0], 0.1);
        for i in 0..products.len() {
            least = f64::min(products[i], least);
        }
        for i in 3..products.len() {
            greatest = greatest.max(products[i]);
        }
        let part = &x[5..];
        least * greatest + part.iter().copied().fold(x[1], f64::max) * x[2]
    }
    let number = |i: u32| f64::from(i * 37 % 101) * 0.05 - 2.31;
    agrees!(of_products: (0..6).map(number).collect::<Vec<_>>(), (0..50).map(number).collect::<Vec<_>>());
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

#[differentiable]
fn nearest(points: &[[f64; 5]], centres: &[[f64; 5]]) -> f64 {
    points
        .iter()
        .map(|p| centres.iter().map(|c| p.iter().zip(c).map(|(p, c)| (p - c).powi(2)).sum::<f64>()).fold(f64::INFINITY, f64::min))
        .sum()
}

/// Numbers that round differently in another order.
fn rows<const N: usize>(count: usize, from: usize) -> Vec<[f64; N]> {
    let number = |i: usize| ((i * 37 + from) % 101) as f64 / 17.0 - 2.9;
    (0..count).map(|row| std::array::from_fn(|i| number(row * N + i))).collect()
}

/// The sum of what single points give, which run alone.
fn one_by_one(points: &[[f64; 5]], centres: &[[f64; 5]]) -> (Vec<[f64; 5]>, Vec<[f64; 5]>) {
    let (mut d_points, mut d_centres) = (Vec::new(), vec![[0.0; 5]; centres.len()]);
    for point in points {
        let (d_point, d) = nearest::grad(&[*point], centres);
        d_points.extend(d_point);
        d_centres.accumulate(&d);
    }
    (d_points, d_centres)
}

fn agrees_with_single_points(points: &[[f64; 5]], centres: &[[f64; 5]]) {
    let (value, (d_points, d_centres)) = nearest::value_and_grad(points, centres);
    assert_eq!(value.to_bits(), nearest(points, centres).to_bits());
    let (expected_points, expected_centres) = one_by_one(points, centres);
    let same = |a: &[[f64; 5]], b: &[[f64; 5]]| {
        let close = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= 1e-12 * b.abs().max(1.0) || a.is_nan() && b.is_nan();
        assert!(a.concat().iter().zip(&b.concat()).all(close), "{a:?} {b:?}");
    };
    same(&d_points, &expected_points);
    same(&d_centres, &expected_centres);
}

#[test]
fn searches_side_by_side_find_what_each_finds_alone() {
    for count in [0, 1, 7, 8, 9, 16, 17, 30] {
        for centres in [0, 1, 2, 10] {
            agrees_with_single_points(&rows(count, 11), &rows(centres, 5));
        }
    }
}

#[test]
fn searches_without_one_winner_run_alone() {
    let centres = rows::<5>(4, 5);
    let doubled: Vec<[f64; 5]> = centres.iter().chain(&centres[1..2]).copied().collect();
    for at in [0, 3, 7, 8, 12, 20, 29] {
        for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, 0.5] {
            let mut points = rows::<5>(30, 11);
            points[at][2] = special;
            agrees_with_single_points(&points, &centres);
            agrees_with_single_points(&points, &doubled);
            points[at] = doubled[1];
            agrees_with_single_points(&points, &doubled);
        }
    }
    let mut centres = centres;
    centres[2][0] = f64::NAN;
    agrees_with_single_points(&rows(20, 11), &centres);
}

#[test]
fn searches_whose_reverse_reads_the_winning_part_agree() {
    #[differentiable]
    fn distances(points: &[[f64; 3]], centres: &[[f64; 3]], scales: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..points.len() {
            let scale = scales[i] * scales[i];
            let mut greatest = centres[0][0];
            for k in 0..centres.len() {
                let mut sum = 0.5;
                for j in 0..3 {
                    sum += scale * (points[i][j] - centres[k][j]) * (points[i][j] - centres[k][j]);
                }
                greatest = f64::max(greatest, sum.sqrt());
            }
            total += greatest * scales[i];
        }
        total
    }
    let (points, centres) = (rows::<3>(21, 11), rows::<3>(5, 40));
    let scales: Vec<f64> = (0..21).map(|i| 0.3 + f64::from(i % 4)).collect();
    let (value, (d_points, d_centres, d_scales)) = distances::value_and_grad(&points, &centres, &scales);
    assert_eq!(value.to_bits(), distances(&points, &centres, &scales).to_bits());
    let mut expected = vec![[0.0; 3]; 5];
    for i in 0..21 {
        let (d_point, d_centre, d_scale) = distances::grad(&points[i..=i], &centres, &scales[i..=i]);
        for j in 0..3 {
            assert!((d_points[i][j] - d_point[0][j]).abs() < 1e-12 * d_point[0][j].abs().max(1.0));
        }
        assert!((d_scales[i] - d_scale[0]).abs() < 1e-12 * d_scale[0].abs().max(1.0));
        expected.accumulate(&d_centre);
    }
    for (d, expected) in d_centres.concat().iter().zip(expected.concat()) {
        assert!((d - expected).abs() < 1e-11 * expected.abs().max(1.0));
    }
}

#[test]
fn searches_over_rows_of_different_lengths_and_of_one_number_agree() {
    #[differentiable(wrt(w))]
    fn ragged(lists: &[Vec<f64>], w: &[f64]) -> f64 {
        lists
            .iter()
            .map(|list| w.iter().map(|w| list.iter().map(|v| (v - w) * v).sum::<f64>()).fold(f64::NEG_INFINITY, f64::max).sin())
            .sum()
    }
    for lengths in [[2; 20].as_slice(), &[1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], &[3; 11]] {
        let lists: Vec<Vec<f64>> =
            lengths.iter().enumerate().map(|(i, length)| rows::<3>(1, 7 * i)[0][..*length].to_vec()).collect();
        let w = [0.3, -0.7, 1.9, 0.2];
        let (value, gradient) = ragged::value_and_grad(&lists, &w);
        assert_eq!(value.to_bits(), ragged(&lists, &w).to_bits());
        let mut expected = vec![0.0; 4];
        lists.iter().for_each(|list| expected.accumulate(&ragged::grad(std::slice::from_ref(list), &w)));
        assert!(
            gradient.iter().zip(&expected).all(|(d, e)| (d - e).abs() < 1e-12 * e.abs().max(1.0)),
            "{gradient:?} {expected:?}"
        );
    }
    #[differentiable]
    fn pairs<T: Real>(x: &[T], y: &[T]) -> T {
        let mut total = x[0];
        for i in 0..x.len() {
            let mut least = y[0] * y[0];
            for k in 1..y.len() {
                least = least.min((x[i] - y[k]) * (x[i] - y[k]));
            }
            total += least * x[i];
        }
        total
    }
    let x: Vec<f64> = (0..19).map(|i| f64::from(i) * 0.17 - 1.3).collect();
    let y = [0.11, 0.9, -0.4, 0.26];
    let (value, (d_x, d_y)) = pairs::value_and_grad(&x, &y);
    assert_eq!(value.to_bits(), pairs(&x, &y).to_bits());
    let difference = |moved: &dyn Fn(f64) -> f64| (moved(1e-6) - moved(-1e-6)) / 2e-6;
    for (at, d) in d_x.iter().enumerate() {
        let slope = difference(&|by| {
            pairs(
                &{
                    let mut x = x.clone();
                    x[at] += by;
                    x
                },
                &y,
            )
        });
        assert!((d - slope).abs() < 1e-7, "{at}: {d} {slope}");
    }
    for (at, d) in d_y.iter().enumerate() {
        let slope = difference(&|by| {
            pairs(&x, &{
                let mut y = y;
                y[at] += by;
                y
            })
        });
        assert!((d - slope).abs() < 1e-7, "{at}: {d} {slope}");
    }
    assert_eq!(pairs::value_and_grad(&[0.5f32; 9], &[0.25f32, 0.75, 0.5]).0, pairs(&[0.5f32; 9], &[0.25f32, 0.75, 0.5]));
}

#[test]
fn a_search_for_an_element_in_each_iteration_agrees() {
    #[differentiable]
    fn highest(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..x.len() {
            let mut greatest = 0.0;
            for k in 0..x.len() {
                greatest = f64::max(greatest, x[k]);
            }
            total += greatest * x[i];
        }
        total
    }
    let x: Vec<f64> = (0..19).map(|i| f64::from(i * 37 % 23) * 0.1 - 0.9).collect();
    agrees!(highest: [0.5, 1.5], x);
    #[differentiable]
    fn by_bytes(x: &[f64], count: u8) -> f64 {
        let mut total = 0.0;
        for i in 0..count {
            let mut least = f64::INFINITY;
            for k in 0..9u8 {
                let difference = x[i as usize] - x[k as usize] * 0.53;
                least = least.min(difference * difference);
            }
            total += least;
        }
        total
    }
    let x: Vec<f64> = (0..19).map(|i| f64::from(i * 37 % 23) * 0.1 - 0.93).collect();
    agrees!(by_bytes(19): x);
}

#[test]
fn a_search_over_negative_indices_agrees() {
    #[differentiable]
    fn by_offsets(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 4..x.len() {
            let mut least = f64::INFINITY;
            for k in -3..2i32 {
                let difference = x[i] * f64::from(k) - x[0] * 0.53;
                least = least.min(difference * difference);
            }
            total += least;
        }
        total
    }
    let x: Vec<f64> = (0..23).map(|i| f64::from(i * 37 % 23) * 0.1 - 0.93).collect();
    agrees!(by_offsets: x);
}

#[test]
fn what_is_equal_or_no_number_before_a_winner_gets_nothing() {
    for first in [[2.0, 2.0], [f64::NAN, 2.0], [2.0, f64::NAN], [0.0, -0.0], [f64::INFINITY, 2.0]] {
        let points = rows::<5>(24, 11);
        let mut centres = rows::<5>(4, 5);
        centres.splice(0..0, [[first[0]; 5], [first[1]; 5]]);
        agrees_with_single_points(&points, &centres);
        centres.rotate_left(1);
        agrees_with_single_points(&points, &centres);
        centres.reverse();
        agrees_with_single_points(&points, &centres);
    }
}
