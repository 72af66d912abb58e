//! Arrays, slices, vectors and iterator chains: every form against finite differences, in both modes.

#![allow(
    clippy::manual_memcpy,
    clippy::manual_swap,
    clippy::useless_vec,
    clippy::unnecessary_fold,
    clippy::map_flatten,
    clippy::vec_init_then_push,
    clippy::needless_collect,
    clippy::iter_skip_zero,
    clippy::manual_filter_map,
    clippy::unnecessary_to_owned,
    clippy::explicit_auto_deref,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn elements_change_places() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = *x;
        for i in 0..3 {
            a[i] *= a[i + 1];
            a.swap(i, 3 - i);
        }
        let mut m = [[x[0], x[1]], [x[2] * x[2], x[3]]];
        m.swap(0, 1);
        m[0].swap(0, 1);
        let (mut p, mut q) = (a[0] * m[0][0], a[1] + m[1][1]);
        std::mem::swap(&mut p, &mut q);
        p *= p;
        let old = std::mem::replace(&mut q, p * x[0]);
        core::mem::swap(&mut a[2], &mut m[0][1]);
        old * q + a[2] * m[0][1] * p
    }
    agrees!(f, 4, [1.1, 0.5, -1.5, 0.7]);
}

#[test]
fn parts_of_slices_are_filled_and_copied() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = [0.0; 6];
        a[..4].copy_from_slice(x);
        a[1..3].fill(x[0] * x[1]);
        let (left, right) = a.split_at_mut(2);
        left[0] = right[1] * right[0];
        right[3] += left[1] * 2.0;
        let (head, tail) = a.split_at(3);
        head.iter().zip(tail).map(|(h, t)| h * t + h.sin()).sum::<f64>() + tail.len() as f64 * tail[2]
    }
    agrees!(f, 4, [1.1, 0.5, -1.5, 0.7]);
}

#[test]
fn items_are_collected() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let squares: Vec<f64> = x.iter().map(|v| v * v).collect();
        let mut big = squares.iter().copied().filter(|v| *v > 0.3).collect::<Vec<_>>();
        big.push(x[0] * x[1]);
        big[0] *= x[2];
        let copy = x[1..].to_vec();
        let made = vec![x[3], copy[0] * big[0]];
        let same = vec![x[2] * x[2]; 3];
        squares.iter().sum::<f64>() * big.iter().sum::<f64>() + made[1] * made[0] + copy[2] * same[1] * same[2]
    }
    agrees!(f, 4, [1.1, 0.5, -1.5, 0.7]);
}

#[test]
fn vectors_are_returned() {
    #[differentiable]
    fn cumulative(x: &[f64], scale: f64) -> Vec<f64> {
        let mut sum = 0.0;
        x.iter()
            .map(|v| {
                sum += v * scale;
                sum * sum
            })
            .collect()
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let c = cumulative(x, x[0]);
        c[0] * c[2] + c[1]
    }
    agrees!(f, 3, [1.1, 0.5, -1.5]);
}

#[test]
fn arrays_are_mapped_and_made() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let s = x.map(|v| v.sin() * v);
        let t: [f64; 2] = std::array::from_fn(|i| x[i] * x[i + 1]);
        let u = core::array::from_fn::<_, 3, _>(|i| s[2 - i] * t[i % 2]);
        [s[0] * t[1], u[2]].map(f64::exp).iter().sum::<f64>() + u[0]
    }
    agrees!(f, 3, [1.1, 0.5, -1.5]);
}

#[test]
fn an_array_is_the_result() {
    #[differentiable]
    fn g(x: &[f64; 3]) -> [f64; 3] {
        core::array::from_fn(|i| x[i] * x[(i + 1) % 3])
    }
    #[differentiable]
    fn h(x: [f64; 3]) -> [f64; 3] {
        x.map(|v| v * v)
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let y = g(x);
        let z = h(y);
        y[0] * z[1] + z[2]
    }
    agrees!(f, 3, [1.1, 0.5, -1.5]);
}

#[test]
fn for_each_has_effects() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 1.0;
        let mut y = [0.0; 4];
        x.iter().for_each(|v| s *= v);
        y.iter_mut().zip(x).for_each(|(y, x)| *y = x * x);
        (0..3).for_each(|i| {
            s += y[i] * x[i + 1];
        });
        s
    }
    agrees!(f, 4, [1.1, 0.5, -1.5, 0.7]);
}

#[test]
fn stages_after_a_filter() {
    #[differentiable]
    fn f(x: &[f64; 8]) -> f64 {
        let positive = || 0.0;
        let a: f64 = x.iter().filter(|v| **v > positive()).skip(1).take(2).map(|v| v * v).sum();
        let b: f64 = x.iter().filter(|v| v.abs() < 1.0).step_by(2).map(|v| v.sin()).sum();
        let c: f64 = x.iter().filter(|v| **v > 0.0).zip(x.iter().rev()).map(|(a, b)| a * b).sum();
        let d: f64 = x.iter().zip(x.iter().filter(|v| **v < 0.0)).enumerate().map(|(i, (a, b))| i as f64 * a * b).sum();
        let e: f64 = x.iter().filter(|v| **v > 0.0).rev().take(2).enumerate().map(|(i, v)| v * (i + 1) as f64).product();
        let g: f64 = x.chunks(3).flat_map(|c| c.iter().take(2)).skip(1).take(3).map(|v| v * v * v).sum();
        a + b * c + d + e + g
    }
    agrees!(f, 8, [1.1, 0.5, -1.5, 0.7, -0.2, 0.3, 2.0, -0.9], [-1.1, 0.5, 1.5, -0.7, -0.2, -0.3, 2.0, 0.9]);
}

#[test]
fn chains_that_end_early() {
    #[differentiable]
    fn f(x: &[f64; 6]) -> f64 {
        let a: f64 = x.iter().take_while(|v| **v > 0.0).map(|v| v.ln()).sum();
        let b: f64 = x.iter().skip_while(|v| **v > 0.0).map(|v| v * v).sum();
        let c: f64 = x.iter().filter_map(|v| if *v > 0.5 { Some(v * v) } else { None }).product();
        let d: f64 = x
            .iter()
            .scan(1.0, |state, v| {
                *state *= v * 1.5;
                if *state < 0.0 { None } else { Some(*state) }
            })
            .sum();
        let e: f64 = x.iter().map_while(|v| if *v < 1.5 { Some(v.exp()) } else { None }).sum();
        let g: f64 = x.windows(2).map(|w| [w[0] * w[1], w[0]]).fold(0.0, |s, p| s + p[0] * p[1]);
        a + b * c + d * e + g
    }
    agrees!(f, 6, [1.1, 0.8, -1.5, 0.7, 2.0, -0.9], [1.1, 0.55, 1.2, 1.7, 0.2, -0.3]);
}

#[test]
fn chained_iterators_end_as_a_whole() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 0.1;
        for v in x.iter().filter(|v| **v > 0.0).take(1).chain(x[1..].iter().take_while(|v| **v < 1.0)) {
            s = s * v + v * v;
        }
        for (i, row) in [[x[0], x[1]], [x[2], x[3]]].iter().enumerate() {
            for v in row {
                s += v * i as f64 * v;
            }
        }
        s + [[x[0], x[1]], [x[2], x[3]]].iter().flatten().map(|v| v * v).sum::<f64>()
    }
    agrees!(f, 4, [1.1, 0.8, -1.5, 0.7], [-1.1, 0.8, 1.5, 0.7]);
}

#[test]
fn iter_mut_changes_in_place() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = *x;
        for (i, v) in y.iter_mut().enumerate() {
            *v = *v * *v + i as f64;
        }
        for pair in y.chunks_mut(2) {
            pair[0] *= pair[1];
        }
        for v in &mut y {
            *v += 1.0;
        }
        y.iter().product()
    }
    agrees!(f, 4, [1.1, 0.8, -1.5, 0.7]);
}

#[test]
fn triangular_loops() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 0.0;
        for i in 0..x.len() {
            for j in (i + 1)..x.len() {
                let d = x[i] - x[j];
                s += (d * d + 0.1).sqrt();
            }
            for j in (0..i).rev().step_by(2) {
                s *= 1.0 + 0.1 * x[j] * x[i];
            }
        }
        s
    }
    agrees!(f, 4, [1.1, 0.8, -1.5, 0.7]);
}

/// A polygon; its number is no parameter.
#[derive(Clone, Debug, Differentiable)]
struct Polygon {
    points: Vec<[f64; 2]>,
    scale: [f64; 1],
    #[differentiable(skip)]
    name: String,
}

#[test]
fn structs_with_skipped_fields_are_built() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let points = x.chunks_exact(2).map(|c| [c[0], c[1] * c[0]]).collect();
        let one = Polygon { points, scale: [x[0]], name: String::from("one") };
        let two = Polygon { scale: [2.0], name: String::from("two"), ..one.clone() };
        one.points[0][1] * one.scale[0] + two.points[1][1] * two.scale[0] * (two.name.len() + one.name.len()) as f64
    }
    agrees!(f, 4, [1.1, 0.8, -1.5, 0.7]);
}

#[test]
fn constants_stand_beside_active_values_in_arrays() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let rows = [[x[0], x[1]], [-0.5, 2.0]];
        let k = 3;
        let pair = (x[0] * x[1], [k as f64, -1.0]);
        let mut total = 0.0;
        for (i, row) in rows.iter().enumerate() {
            total += row[0] * row[1] * pair.0 + pair.1[i];
        }
        total
    }
    agrees!(f, 2, [1.1, 0.8]);
}

#[test]
fn vectors_are_extended() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        v.extend([x[1], x[2] * 2.0]);
        v.extend(x.iter().map(|v| v * v));
        v.extend(&x[1..]);
        v.iter().enumerate().map(|(i, v)| v * v * v * i as f64).sum::<f64>()
    }
    agrees!(f: [0.4, -1.2, 0.7]);
}

#[test]
fn values_are_taken_out() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut a = x[0] * 2.0;
        let b = std::mem::take(&mut a);
        a += b * b;
        let mut v = [x[0], x[1]];
        let w = std::mem::take(&mut v[0]);
        v[0] += w * v[1] * x[2];
        let u = std::mem::take(&mut v);
        a * u[0] * u[1] + v[0] * w
    }
    agrees!(f: [0.4, -1.2, 0.7]);
}

#[test]
fn slices_are_converted_to_arrays() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a: [f64; 2] = x[0..2].try_into().unwrap();
        let b: &[f64; 2] = x[1..3].try_into().expect("there are three");
        let c: [f64; 3] = x.try_into().unwrap();
        a[0] * a[1] + b[0] * b[1] * c[2]
    }
    agrees!(f: [0.4, -1.2, 0.7]);
}

#[test]
fn a_fold_goes_from_the_end() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = x.iter().rfold(0.0, |a, v| a * 0.5 + v * v);
        let b = (0..x.len()).rfold(1.0, |a, i| a * x[i] + 0.5);
        a * b
    }
    agrees!(f: [0.4, -1.2, 0.7]);
}

mod imported {
    use std::array::from_fn;

    use differentiable::prelude::*;
    use differentiable_tests::agrees;

    #[test]
    fn from_fn_is_imported_and_nested() {
        #[differentiable]
        fn f(x: &[f64; 3]) -> f64 {
            let a: [f64; 3] = from_fn(|i| x[i] * x[i]);
            let m: [[f64; 3]; 2] = from_fn(|i| from_fn(|j| x[j] * a[i]));
            let b = from_fn::<f64, 3, _>(|i| m[1][i] + a[i]);
            let t: [f64; 3] = from_fn(|i| if i == 0 { 0.0 } else { x[i] });
            let pairs: [(f64, [f64; 2]); 3] = from_fn(|i| (x[i] * 2.0, [x[i], a[i]]));
            b[0] * b[1] + m[0][2] * t[1] + pairs[1].0 * pairs[2].1[1]
        }
        agrees!(f, 3, [0.4, -1.2, 0.3]);
    }

    #[test]
    fn the_length_follows_from_the_use() {
        #[differentiable]
        fn dot<const N: usize>(x: &[f64; N], y: &[f64; N]) -> f64 {
            x.iter().zip(y).map(|(a, b)| a * b).sum()
        }
        #[differentiable]
        fn f<const N: usize>(x: &[f64; N]) -> f64 {
            let m: [[f64; N]; N] = from_fn(|i| from_fn(|j| x[i] * x[j]));
            let mut s = 0.0;
            for row in m {
                for v in row {
                    s += v * v;
                }
            }
            let r = x.map(|v| [v, v * v]);
            s + dot(&from_fn(|i| x[i] * 2.0), x) + r[0][1] * r[1][0]
        }
        agrees!(f, 3, [0.4, -1.2, 0.3]);
    }

    #[test]
    fn it_is_the_result() {
        #[differentiable]
        fn f(x: &[f64; 3]) -> [[f64; 3]; 2] {
            from_fn(|i| from_fn(|j| x[j] * x[i]))
        }
        assert_eq!(f::jacobian(&[1.0, 2.0, 3.0])[0][1], [2.0, 1.0, 0.0]);
    }
}

mod parts_that_change_after_a_call {
    use super::*;

    #[differentiable(second_order)]
    fn product(p: &[f64], k: f64) -> f64 {
        p[0] * k * p[1].exp()
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Pair(f64, f64);

    #[differentiable(wrt(p, k), second_order)]
    fn mixed(p: &[Pair], k: f64) -> f64 {
        p[0].0 * k * p[1].1.sin()
    }

    #[differentiable(second_order)]
    fn of_a_slice(p: &mut [f64], k: f64) -> f64 {
        let first = product(&p[..2], k);
        p[0] *= first;
        product(&p[1..], first) + product(&p[..], k)
    }

    #[differentiable(second_order)]
    fn of_a_parameter(x: &[f64; 3]) -> f64 {
        let mut p = *x;
        of_a_slice(&mut p, x[2]) * p[0]
    }

    #[differentiable(second_order)]
    fn of_nested_arrays(x: &[f64; 3]) -> f64 {
        let mut m = [[x[0], x[1] * x[1], x[2]], [x[0]; 3]];
        let first = product(&m[0][1..], x[0]);
        m[0][1] *= first;
        product(&m[0][..2], first) * product(&m[1], m[0][1])
    }

    #[differentiable(second_order)]
    fn of_vectors_of_structs(x: &[f64; 3]) -> f64 {
        let mut p = vec![Pair(x[0], x[1]), Pair(x[1], x[2])];
        let first = mixed(&p[..], x[0]);
        p[0].0 *= first;
        mixed(&p[..], first) * mixed(&p, x[1])
    }

    #[test]
    fn are_kept() {
        for f in [
            (
                of_a_parameter as fn(&[f64; 3]) -> f64,
                of_a_parameter::grad as fn(&[f64; 3]) -> [f64; 3],
                of_a_parameter::hessian as fn(&[f64; 3]) -> [[f64; 3]; 3],
            ),
            (of_nested_arrays, of_nested_arrays::grad, of_nested_arrays::hessian),
            (of_vectors_of_structs, of_vectors_of_structs::grad, of_vectors_of_structs::hessian),
        ] {
            let (value, grad, hessian) = f;
            let x = [0.7, 0.4, -0.3];
            let moved = |i: usize, by: f64| std::array::from_fn(|j| x[j] + if i == j { by } else { 0.0 });
            for i in 0..3 {
                let (more, less) = (moved(i, 1e-5), moved(i, -1e-5));
                let slope = (value(&more) - value(&less)) / 2e-5;
                assert!((grad(&x)[i] - slope).abs() < 1e-8 * slope.abs().max(1.0));
                for j in 0..3 {
                    let bend = (grad(&more)[j] - grad(&less)[j]) / 2e-5;
                    assert!((hessian(&x)[i][j] - bend).abs() < 1e-8 * bend.abs().max(1.0));
                }
            }
        }
    }
}

#[test]
fn copies_of_whole_sequences_flow_back_to_what_they_are_of() {
    #[derive(Clone, Debug, Differentiable)]
    struct Rows {
        rows: Vec<Vec<f64>>,
        last: Vec<f64>,
    }
    #[differentiable(wrt(p))]
    fn copied(p: &Rows, again: bool) -> f64 {
        let mut rows = p.rows.to_vec();
        let mut all = p.last.clone();
        if again {
            for x in &p.last {
                all.push(*x);
            }
        }
        for row in 0..rows.len() {
            rows[row][0] *= all[row];
        }
        let doubled: Vec<f64> = p.last.iter().map(|x| 2.0 * x).collect();
        let total: f64 = rows.iter().map(|row| row[0] * row[1]).sum();
        total + all.iter().map(|x| x * x).sum::<f64>() * doubled[0]
    }
    let p = Rows { rows: vec![vec![1.5, 2.0], vec![-0.5, 3.0]], last: vec![0.25, -1.25, 2.0] };
    for again in [false, true] {
        let (value, gradient) = copied::value_and_grad(&p, again);
        assert_eq!(value.to_bits(), copied(&p, again).to_bits());
        let squares = (0.0625 + 1.5625 + 4.0) * if again { 2.0 } else { 1.0 };
        let many = if again { 2.0 } else { 1.0 };
        assert_eq!(gradient.rows, [vec![0.25 * 2.0, 1.5 * 0.25], vec![-1.25 * 3.0, -0.5 * -1.25]]);
        let expected = [1.5 * 2.0 + many * 0.25 + 2.0 * squares, -0.5 * 3.0 + many * 2.0 * -1.25 * 0.5, many * 2.0 * 2.0 * 0.5];
        for (found, expected) in gradient.last.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        let tangent = copied::jvp(&p, again, &p).1;
        let pairs = gradient.rows.iter().flatten().zip(p.rows.iter().flatten()).chain(gradient.last.iter().zip(&p.last));
        let product: f64 = pairs.map(|(d, x)| d * x).sum();
        assert!((product - tangent).abs() < 1e-12 * tangent.abs());
    }
    let nothing = Rows { rows: Vec::new(), last: vec![0.5] };
    assert_eq!(copied::grad(&nothing, false).last, [0.5 * 2.0 + 2.0 * 0.25]);
}

#[test]
fn vectors_are_popped_truncated_and_inserted_into() {
    #[differentiable(second_order)]
    fn polish(x: &[f64; 3]) -> f64 {
        let mut stack: Vec<f64> = Vec::new();
        for op in "01+2*s".chars() {
            match op {
                '+' => {
                    let b = stack.pop().unwrap();
                    let a = stack.pop().unwrap();
                    stack.push(a + b);
                }
                '*' => {
                    let (b, a) = (stack.pop().unwrap(), stack.pop().unwrap_or(1.0));
                    stack.push(a * b);
                }
                's' => {
                    let a = stack.pop().unwrap();
                    stack.push(a.sin())
                }
                c => stack.push(x[c.to_digit(10).unwrap() as usize]),
            }
        }
        stack.pop().unwrap()
    }
    #[differentiable]
    fn drained(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let mut s = 1.0;
        while let Some(x) = v.pop() {
            s = s * x + x;
            if s > 3.0 {
                v.truncate(1);
            }
        }
        s
    }
    #[differentiable]
    fn changed(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        v.truncate(2);
        v.insert(1, x[0] * x[1]);
        v.truncate(10);
        let n = v.len();
        v.insert(n, 2.0);
        v.pop();
        let s: f64 = v.iter().enumerate().map(|(i, x)| x * x * (i + 1) as f64).sum();
        v.clear();
        v.push(s * x[2]);
        v.iter().sum::<f64>() * s
    }
    agrees!(polish, 3, [0.8, 0.3, 0.5]);
    agrees!(drained: [0.8, 0.3, 0.5, 1.2], [0.4, 0.9], [-0.3, 2.0, 1.7]);
    agrees!(changed: [0.8, 0.3, 0.5]);
    let (x, d) = ([0.8, 0.3, 0.5], [1.0, -0.5, 2.0]);
    let at = |h: f64| polish::grad(&[x[0] + h * d[0], x[1] + h * d[1], x[2] + h * d[2]]);
    for (exact, (before, after)) in polish::hvp(&x, &d).iter().zip(at(-1e-5).iter().zip(at(1e-5))) {
        assert!((exact - (after - before) / 2e-5).abs() < 1e-7);
    }
}

#[test]
fn parts_are_concatenated() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let v = [&x[..2], &[x[0] * x[1], 1.0], &[2.0]].concat();
        let rows = vec![vec![x[0]], vec![x[1], x[2]]];
        let w = rows.concat();
        let both = [[x[0]], [2.0 * x[2]]].concat()[1];
        v.iter().zip(v.iter().skip(1)).map(|(a, b)| a * b).sum::<f64>() * w.iter().product::<f64>() + both
    }
    agrees!(f, 3, [0.8, 0.3, 0.5]);
}

#[test]
fn a_part_of_an_array_that_is_made_is_one_of_its_own() {
    #[differentiable(second_order)]
    fn joined(x: &[f64; 3]) -> f64 {
        let all = [x, &[3.0, x[0] * x[1]][..]].concat();
        let some = [&x[..1], &[2.0, x[1]]].concat();
        all.iter().map(|v| v * v).sum::<f64>() * all[3] * all[4] + some[2] * some[0]
    }
    #[differentiable(second_order)]
    fn total(x: &[f64]) -> f64 {
        x.iter().map(|v| v.powi(3)).sum()
    }
    #[differentiable(second_order)]
    fn lent(x: &[f64; 3]) -> f64 {
        let part = &[x[0], x[1] * x[2], x[2]][1..];
        total(&[x[0], x[1] * x[2]][..]) * total(&[x[2], x[1], 0.5][..2]) + part[0] * part[1]
    }
    agrees_twice!(joined, 3, [0.3, 0.5, 1.5], [-0.7, 1.1, 0.2]);
    agrees_twice!(lent, 3, [0.3, 0.5, 1.5], [-0.7, 1.1, 0.2]);
}

#[test]
fn arrays_are_made_of_parts_by_what_they_are_used_for() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let pairs: Vec<[f64; 2]> = x.chunks(2).map(|pair| pair.try_into().unwrap()).collect();
        let sum = pairs.iter().map(|[a, b]| a * b.sin()).sum::<f64>();
        let product = x.chunks_exact(2).map(|pair| <[f64; 2]>::try_from(pair).unwrap()).map(|[a, b]| a / b).product::<f64>();
        sum + product + area(x[1..3].try_into().expect("there are two"))
    }
    #[differentiable]
    fn area(sides: [f64; 2]) -> f64 {
        sides[0] * sides[1]
    }
    agrees!(f: [0.3, 0.7, 0.4, 0.9]);
}

#[test]
#[should_panic(expected = "the sequence has not the length of the array")]
fn a_part_of_another_length_is_no_array() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let pairs: Vec<[f64; 2]> = x.chunks(3).map(|pair| pair.try_into().unwrap()).collect();
        pairs[0][0] * pairs[0][1]
    }
    f::vjp(&[1.0, 2.0, 3.0], 1.0, &mut [0.0; 3]);
}

#[test]
fn elements_are_sorted() {
    #[differentiable(second_order)]
    fn median(x: &[f64; 5]) -> f64 {
        let mut v = x.to_vec();
        v.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let n = v.len();
        if n % 2 == 1 { v[n / 2] * v[0] } else { 0.5 * (v[n / 2 - 1] + v[n / 2]) }
    }
    #[differentiable(second_order)]
    fn deviation(x: &[f64; 5]) -> f64 {
        let median = |mut v: Vec<f64>| {
            v.sort_by(f64::total_cmp);
            v[v.len() / 2]
        };
        let m = median(x.to_vec());
        1.4826 * median(x.iter().map(|v| (v - m).abs()).collect())
    }
    #[differentiable(second_order)]
    fn trimmed(x: &[f64; 5]) -> f64 {
        let mut a = *x;
        a.sort_unstable_by(|p, q| q.total_cmp(p));
        a[1..4].iter().map(|v| v * v).sum::<f64>() / 3.0
    }
    #[differentiable(second_order)]
    fn trapezoids(x: &[f64; 6]) -> f64 {
        let mut p: Vec<(f64, f64)> = x.chunks(2).map(|c| (c[0], c[1])).collect();
        p.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
        p.windows(2).map(|w| (w[1].0 - w[0].0) * (w[0].1 + w[1].1) / 2.0).sum()
    }
    #[differentiable(wrt(p), second_order)]
    fn greatest(p: &mut [f64], count: usize) -> f64 {
        p[0] *= p[1];
        p.sort_by(|a, b| b.total_cmp(a));
        p.iter().take(count).sum()
    }
    #[differentiable(second_order)]
    fn in_place(x: &[f64; 5]) -> f64 {
        let mut v = [x[0], x[1] * 2.0, x[2], x[3]];
        greatest(&mut v, 2) * v[3] + x[4]
    }
    #[differentiable(second_order)]
    fn in_a_loop(x: &[f64; 5]) -> f64 {
        let mut v = x.to_vec();
        let mut sum = 0.0;
        for _ in 0..3 {
            v.sort_by_key(|a| (a * 1000.0) as i64);
            sum += v[0] * v[3];
            v[0] = v[0] * 3.0 + 1.0;
        }
        sum
    }
    agrees_twice!(median, 5, [0.3, 0.5, 0.2, 0.9, -0.4]);
    agrees_twice!(deviation, 5, [0.3, 0.5, 0.2, 0.9, -0.4]);
    agrees_twice!(trimmed, 5, [0.3, 0.5, 0.2, 0.9, -0.4]);
    agrees_twice!(trapezoids, 6, [0.3, 0.5, 0.2, 0.9, -0.4, 0.6]);
    agrees_twice!(in_place, 5, [0.3, 0.5, 0.2, 0.9, 0.1]);
    agrees_twice!(in_a_loop, 5, [0.3, 0.5, 0.2, 0.9, 0.1]);
}

#[test]
fn elements_are_drained() {
    #[differentiable(second_order)]
    fn all(x: &[f64; 5]) -> f64 {
        let mut v = x.to_vec();
        let mut product = 1.0;
        for a in v.drain(..) {
            product *= a.cos();
        }
        v.push(product * product);
        v[0] + v.len() as f64
    }
    #[differentiable(second_order)]
    fn ranges(x: &[f64; 5]) -> f64 {
        let mut v: Vec<f64> = x.iter().map(|a| a * x[0]).collect();
        v.drain(..1);
        let middle: f64 = v.drain(1..=2).map(|a| a * a).product();
        let rest: Vec<f64> = v.drain(1..).collect();
        middle * v[0] + rest.iter().sum::<f64>().sin()
    }
    #[differentiable(second_order)]
    fn queue(x: &[f64; 5]) -> f64 {
        let mut waiting = vec![x[0]];
        let mut sum = 0.0;
        for i in 1..5 {
            waiting.push(x[i] * sum + x[i - 1]);
            if waiting.len() > 2 {
                sum += waiting.drain(..2).sum::<f64>().powi(2);
            }
        }
        sum * waiting[0]
    }
    agrees_twice!(all, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
    agrees_twice!(ranges, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
    agrees_twice!(queue, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Corner {
    x: f64,
    y: f64,
}

impl Corner {
    #[differentiable(associated, second_order)]
    fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    #[differentiable(wrt(self, other), second_order)]
    fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }
}

#[test]
fn structs_are_made_of_literals_that_are_mapped() {
    #[differentiable(second_order)]
    fn triangle(x: &[f64; 6]) -> f64 {
        let [a, b, c] = [0, 1, 2].map(|i| Corner::new(x[2 * i], x[2 * i + 1]));
        let doubled = a.cross(b) + b.cross(c) + c.cross(a);
        doubled * doubled
    }
    agrees_twice!(triangle, 6, [0.3, 0.7, 1.1, -0.4, 0.9, 0.2]);
}

#[test]
fn sequences_are_gone_through_again_and_again() {
    #[differentiable(second_order)]
    fn polygon(x: &[f64; 6]) -> f64 {
        let corners: Vec<[f64; 2]> = x.chunks(2).map(|c| [c[0], c[1]]).collect();
        let doubled: f64 = corners.iter().zip(corners.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum();
        doubled * doubled
    }
    #[differentiable(second_order)]
    fn weighted(x: &[f64; 6]) -> f64 {
        let mut product = 1.0;
        for (i, v) in x[1..4].iter().map(|v| v * x[0]).cycle().take(8).enumerate() {
            product *= (v * i as f64).cos() + 1.5;
        }
        let weights = [0.5, 2.0];
        product
            + x.iter().zip(weights.iter().cycle()).map(|(x, w)| w * x * x).sum::<f64>()
            + x[..0].iter().cycle().take(3).sum::<f64>()
    }
    agrees_twice!(polygon, 6, [0.3, 0.7, 1.1, -0.4, 0.9, 0.2]);
    agrees_twice!(weighted, 6, [0.3, 0.7, 1.1, -0.4, 0.9, 0.2]);
}

#[test]
fn vectors_are_taken_apart_and_resized() {
    #[differentiable(second_order)]
    fn queue(x: &[f64; 5]) -> f64 {
        let mut q = vec![x[0], x[1]];
        let mut sum = 0.0;
        for i in 2..5 {
            let a = q.remove(0);
            sum += a * a * q[0];
            q.push(x[i] * a);
        }
        sum
    }
    #[differentiable(second_order)]
    fn removed(x: &[f64; 5]) -> f64 {
        let mut v = x.to_vec();
        let a = v.swap_remove(1);
        let tail = v.split_off(2);
        let mut w = vec![a * a];
        w.append(&mut v);
        w.iter().zip(&tail).map(|(a, b)| a * b).sum::<f64>() + v.len() as f64
    }
    #[differentiable(second_order)]
    fn resized(x: &[f64; 5]) -> f64 {
        let mut v = x.to_vec();
        v.resize(7, x[0] * x[1]);
        v.resize(6, 1.5);
        let mean = v.iter().sum::<f64>() / 6.0;
        v.retain(|&a| (a - mean).abs() < 0.4);
        v.iter().map(|a| a * a).sum::<f64>() / v.len() as f64
    }
    #[differentiable(second_order)]
    fn filtered(x: &[f64; 5]) -> f64 {
        let (mut line, taps) = ([0.0; 3], [0.5, x[4], 0.25]);
        let mut sum = 0.0;
        for v in x {
            line.rotate_right(1);
            line[0] = *v;
            sum += line.iter().zip(&taps).map(|(a, b)| a * b).sum::<f64>().powi(2);
        }
        line.rotate_left(2);
        sum * line[0]
    }
    #[differentiable(second_order)]
    fn rows(x: &[f64; 5]) -> f64 {
        let mut rows: Vec<Vec<f64>> = x.chunks(2).map(|c| c.to_vec()).collect();
        let row = rows.remove(1);
        rows[1].resize(2, x[0]);
        rows[0][0] * row[1] + rows[1][1] * row[0]
    }
    let x = [0.3, 0.5, 0.2, 0.9, 0.6];
    agrees_twice!(queue, 5, x);
    agrees_twice!(removed, 5, x);
    agrees_twice!(resized, 5, x);
    agrees_twice!(filtered, 5, x);
    agrees_twice!(rows, 5, x);
}

#[test]
fn two_vectors_are_made_of_one_iterator() {
    #[differentiable(second_order)]
    fn unzipped(x: &[f64; 4]) -> f64 {
        let (a, b): (Vec<f64>, Vec<f64>) = x.iter().map(|v| (v.sin(), v.cos())).unzip();
        let pairs: Vec<(f64, f64)> = x.windows(2).map(|w| (w[0], w[1] * w[0])).collect();
        let (c, d): (Vec<f64>, Vec<f64>) = pairs.iter().cloned().unzip();
        a.iter().zip(&b).map(|(s, c)| s * c).sum::<f64>() * c.iter().zip(&d).map(|(s, c)| s * c).sum::<f64>()
    }
    #[differentiable(second_order)]
    fn parted(x: &[f64; 4]) -> f64 {
        let (low, high): (Vec<f64>, Vec<f64>) = x.iter().map(|v| v * v).partition(|&v| v < 0.4);
        low.iter().sum::<f64>() * high.iter().product::<f64>()
    }
    agrees_twice!(unzipped, 4, [0.3, 0.5, 0.8, 0.9]);
    agrees_twice!(parted, 4, [0.3, 0.5, 0.8, 0.9]);
}

#[test]
fn vectors_that_lose_their_elements_had_derivatives() {
    #[differentiable(second_order)]
    fn cleared(x: &[f64; 4]) -> f64 {
        let mut v = vec![];
        let mut w = x.to_vec();
        for i in 0..w.len() {
            v.push(w[i]);
        }
        w.clear();
        v.iter().product::<f64>()
    }
    #[differentiable(second_order)]
    fn truncated(x: &[f64; 4]) -> f64 {
        let mut v = vec![];
        let mut w = x[1..].to_vec();
        for k in 0..3 {
            v.extend_from_slice(&w);
            w.truncate(3 - k);
        }
        v.extend_from_slice(&w);
        w.truncate(1);
        v.iter().product::<f64>()
    }
    agrees_twice!(cleared, 4, [0.3, 0.5, 0.8, 0.9]);
    agrees_twice!(truncated, 4, [0.3, 0.5, 0.8, 0.9]);
}

#[test]
fn slices_are_exchanged_and_what_is_made_on_the_spot_is_appended() {
    #[differentiable(second_order)]
    fn exchanged(x: &[f64; 5]) -> f64 {
        let mut a = [x[0], x[1] * x[2]];
        let mut b = vec![x[3] * x[0], x[4]];
        a.swap_with_slice(&mut b);
        let mut c = x.to_vec();
        c[1..3].swap_with_slice(&mut a);
        a[0] * b[1] * b[1] + a[1] * c[1] * c[2]
    }
    #[differentiable(second_order)]
    fn appended(x: &[f64; 5]) -> f64 {
        let mut v = vec![x[0] * x[1]];
        let k = [1.0, x[2]];
        v.append(&mut k.to_vec());
        v.append(&mut vec![x[3], x[4]]);
        let fixed = [2.0, 3.0];
        v.append(&mut fixed.to_vec());
        let mut w = v.clone();
        v.append(&mut w);
        v[0] * v[2] * v[4] * v[8] * v[5] + w.len() as f64
    }
    let x = [0.3, 0.7, 1.1, 0.2, 0.9];
    agrees_twice!(exchanged, 5, x);
    agrees_twice!(appended, 5, x);
}

#[test]
#[should_panic(expected = "`swap_with_slice`: the slices have different lengths")]
fn slices_of_different_lengths_are_not_exchanged() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let (mut a, mut b) = ([x[0]], [x[1], x[2]]);
        a[..].swap_with_slice(&mut b[..]);
        a[0]
    }
    _ = f::grad(&[1.0, 2.0, 3.0]);
}

#[test]
fn a_remainder_is_used_on_the_spot_and_an_order_asked_for() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let n = 3;
        let mut s = 0.0;
        for c in x.chunks_exact(2) {
            s += c[0] * c[1];
        }
        for r in x.chunks_exact(2).remainder() {
            s += r * r;
        }
        s += x.chunks_exact(n).remainder().iter().map(|v| v * v * v).sum::<f64>();
        s + x.rchunks_exact(2).remainder().iter().map(|v| v * x[0]).sum::<f64>()
    }
    #[differentiable]
    fn g(x: &[f64]) -> f64 {
        let y: Vec<f64> = x.iter().map(|v| v * 2.0).collect();
        if x.is_sorted() {
            x[0] * x[1]
        } else if y.is_sorted_by(|a, b| a >= b) || y.is_sorted_by_key(|a| -a) {
            y[0] * x[1]
        } else {
            x[1] * y[0] * y[1]
        }
    }
    agrees!(f: [0.3], [0.3, 0.7], [0.3, 0.7, 1.1, 0.2, 0.9, 0.5, 1.3], [0.3, 0.7, 1.1, 0.2, 0.9, 0.5, 1.3, 0.8]);
    agrees!(g: [0.3, 0.7, 1.1], [1.1, 0.7, 0.3], [0.7, 0.3, 1.1]);
}

#[differentiable(wrt(x))]
fn weighed_part(x: &[f64], w: &[f64]) -> f64 {
    x.iter().zip(w).map(|(x, w)| x * x * w).sum()
}

#[test]
fn parts_of_a_sequence_are_listed() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let parts: Vec<&[f64]> = x.chunks(2).collect();
        let mut s = 0.0;
        for p in &parts {
            s += p[0] * p[0] + weighed_part(p, &[2.0, 3.0]);
        }
        for p in parts.iter() {
            s += p.iter().sum::<f64>() * p[0];
        }
        let pairs: Vec<_> = x.windows(2).collect();
        for (a, b) in pairs.iter().zip(pairs.iter().skip(1)) {
            s += a[0] * b[1] * pairs.len() as f64;
        }
        let ends: Vec<&[f64]> = vec![&x[..1], &x[1..]];
        s * ends[0][0] + weighed_part(ends[1], &[0.5, 1.5])
    }
    agrees!(f: [0.3, 0.7], [0.3, 0.7, 1.1, 0.2, 0.9], [0.3, 0.7, 1.1, 0.2, 0.9, 0.4, 0.6, 0.8]);
}

#[test]
fn a_closure_gives_a_part_of_a_sequence() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let part = |a: usize, b: usize| &x[a..b];
        let whole = part(0, x.len());
        let s: f64 = part(0, 2).iter().map(|v| v * v).sum();
        s * part(1, 2)[0] + whole[0] * weighed_part(part(0, 1), &[2.0]) + part(1, x.len()).len() as f64
    }
    agrees!(f: [0.3, 0.7], [0.3, 0.7, 1.1, 0.2, 0.9]);
}

#[test]
fn what_is_popped_is_asked_for_its_length_and_used() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let mut stack = vec![x.to_vec()];
        let mut s = 0.0;
        while let Some(v) = stack.pop() {
            if v.len() > 3 {
                stack.push(v[..2].to_vec());
                s += v[4] * v[3];
            } else {
                return v[0] * v[1] + s;
            }
        }
        s
    }
    agrees_twice!(f, 5, [0.3, 0.7, 1.1, 0.2, 0.9]);
}

#[test]
fn slices_stand_in_an_array() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (y, mut s) = (&x[1..], 0.3);
        for part in [x, y] {
            s += part[0] * s;
        }
        for part in &[y, &x[..2]] {
            s += part.iter().sum::<f64>() * s + weighed_part(part, &[2.0, 3.0]);
        }
        s += [x, y, x].iter().map(|part| part[0] * s).sum::<f64>();
        let rows = [y, x];
        for (i, row) in rows.iter().enumerate() {
            s = s * row[0] + rows[1 - i][0];
        }
        s * [x, y].concat().len() as f64
    }
    agrees!(f: [0.3, 0.7], [0.3, 0.7, 1.1, 0.2, 0.9]);
}

#[derive(Clone, Debug, Differentiable)]
struct Stack {
    v: Vec<f64>,
    x: f64,
}

impl Stack {
    #[differentiable(wrt(self))]
    fn taken(&mut self) -> f64 {
        let v = self.v.pop().unwrap();
        v * self.x + self.v.len() as f64
    }
    #[differentiable(wrt(self))]
    fn perhaps(&mut self) -> f64 {
        let v = self.v.pop().unwrap_or(0.0);
        if let Some(w) = self.v.pop() { v * w * self.x } else { v }
    }
    #[differentiable(wrt(self))]
    fn multiplied(&mut self) -> f64 {
        let mut t = 1.0;
        while let Some(w) = self.v.pop() {
            t *= w + self.x;
        }
        self.v.push(t);
        t
    }
}

#[test]
fn fields_are_popped() {
    #[differentiable]
    fn a(x: &[f64]) -> f64 {
        let mut s = Stack { v: x[1..].to_vec(), x: x[0] };
        s.taken() * s.v[0]
    }
    #[differentiable]
    fn b(x: &[f64]) -> f64 {
        let mut s = Stack { v: x[1..].to_vec(), x: x[0] };
        s.perhaps() * s.v[0]
    }
    #[differentiable]
    fn c(x: &[f64]) -> f64 {
        let mut s = Stack { v: x[1..].to_vec(), x: x[0] };
        s.multiplied() * s.v[0]
    }
    #[differentiable]
    fn d(x: &[f64]) -> f64 {
        let mut s = Stack { v: x[1..].to_vec(), x: x[0] };
        s.v.pop();
        let last = s.v.pop().unwrap();
        last * s.v[0] * s.x
    }
    agrees!(a: [0.7, 1.3, 0.4, 0.9]);
    agrees!(b: [0.7, 1.3, 0.4, 0.9]);
    agrees!(c: [0.7, 1.3, 0.4, 0.9]);
    agrees!(d: [0.7, 1.3, 0.4, 0.9]);
}

#[derive(Clone, Debug, Differentiable)]
struct Weights {
    w: Vec<f64>,
}

#[derive(Clone, Debug, Differentiable)]
struct Two {
    a: Weights,
    b: Weights,
}

impl Two {
    #[differentiable(wrt(self))]
    fn penalty(&self) -> f64 {
        let mut total = 0.0;
        for g in [&self.a, &self.b] {
            total += g.w.iter().map(|v| v * v).sum::<f64>();
        }
        total * [&self.a, &self.b].iter().map(|g| g.w[0]).sum::<f64>()
    }
}

#[test]
fn references_to_structs_are_listed() {
    #[differentiable]
    fn a(x: &[f64]) -> f64 {
        let two = Two { a: Weights { w: x[1..].to_vec() }, b: Weights { w: x.to_vec() } };
        let [p, q] = [&x[0], &x[1]];
        two.penalty() * p * q * [&x[0], &x[1]].iter().map(|v| v.sin()).sum::<f64>()
    }
    agrees!(a: [0.7, 1.3, 0.4]);
}
