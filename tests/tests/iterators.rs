//! Iterators over every source, through every adapter, into every end, in both modes against differences.

#![allow(
    clippy::useless_vec,
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
    clippy::manual_swap,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn means_variances_and_extremes() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let var: f64 = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let p: f64 = x.iter().copied().product();
        let m = x.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        let mn = x.iter().fold(f64::INFINITY, |a, &b| a.min(b));
        mean / var.sqrt() + p * m - mn * mn
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn rev_and_enumerate_in_either_order() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a: f64 = x.iter().rev().enumerate().map(|(i, v)| v * v * i as f64).sum();
        let b: f64 = x.iter().enumerate().rev().map(|(i, v)| v.sin() * i as f64).sum();
        let c = x.iter().enumerate().skip(1).step_by(2).map(|(i, v)| v.powi(i as i32)).sum::<f64>();
        a * b + c
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn a_fold_in_reverse() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let t = x[0];
        x[1..].iter().rev().fold(0.0, |acc, c| acc * t + c)
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn what_counts_behind_chain() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (a, b) = x.split_at(2);
        let s: f64 = a.iter().chain(b).enumerate().map(|(i, v)| v * v * (i + 1) as f64).sum();
        let t: f64 = b.iter().chain(a.iter()).skip(1).take(2).map(|v| v.sin()).sum();
        let u: f64 = a.iter().chain(b).zip(x).map(|(a, b)| a * b * b).sum();
        let w: f64 = b.iter().chain(a).rev().step_by(2).map(|v| v.exp()).product();
        s * t + u * w
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn loops_over_what_counts_behind_chain() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (a, b) = x.split_at(2);
        let mut s = 0.0;
        for (i, v) in a.iter().chain(b).enumerate().skip(1).step_by(2) {
            s += v * v * (i + 1) as f64;
        }
        for v in a.iter().chain(b).chain(&[x[0] * x[1]]).take(4) {
            s = s * 0.9 + v.sin();
        }
        for v in a.iter().chain(b).take(1) {
            s *= v;
        }
        for v in a.iter().chain(b).take_while(|v| **v < 0.5) {
            s += v * s;
        }
        for v in a.iter().chain(b).skip_while(|v| **v > 0.0) {
            s += v * s;
        }
        for (v, w) in a.iter().chain(b).zip([1.0, 2.0, 3.0]) {
            s += v * w * s;
        }
        for (w, v) in [1.0, 2.0, 3.0].iter().zip(b.iter().chain(a)) {
            s += v * w * s;
        }
        for (i, v) in x.iter().map(|v| v * v).chain(a.iter().copied()).enumerate() {
            s += v / (i as f64 + 1.0);
        }
        s
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7, 0.9]);
}

#[test]
fn scans_and_folds_of_a_chain() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (a, b) = x.split_at(3);
        let s: f64 = a
            .iter()
            .chain(b)
            .scan(1.0, |st, v| {
                *st *= v;
                Some(*st)
            })
            .sum();
        let t: f64 = a
            .iter()
            .chain(b)
            .scan(1.0, |st, v| {
                *st *= v;
                if *st < -0.1 { None } else { Some(*st) }
            })
            .sum();
        let u = a.iter().chain(b).map_while(|v| if *v > -1.0 { Some(v * v) } else { None }).fold(1.0, |a, b| a + b * a);
        let v: Vec<f64> = b.iter().chain(a).rev().skip(1).map(|v| v.exp()).collect();
        let w = v.iter().chain(&v).rev().enumerate().map(|(i, v)| v * i as f64).sum::<f64>();
        s * t + u * w
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7, 0.9]);
}

#[test]
fn chains_inside_of_flat_map() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        (0..3).flat_map(|i| x[..i].iter().chain(&x[i + 1..]).take(3).map(move |v| (i, v))).map(|(i, v)| v * x[i]).sum::<f64>()
            + x.windows(2).flat_map(|w| w.iter().chain(w).skip(1)).map(|v| v * v).take(5).sum::<f64>()
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7, 0.9]);
}

#[test]
fn zip_of_two_that_skip() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let z: f64 = x.iter().filter(|&&v| v > 0.0).zip(x.iter().filter(|v| v.abs() > 0.35)).map(|(a, b)| a * b).sum();
        let y: f64 = x
            .iter()
            .filter(|&&v| v > 0.0)
            .map(|v| v * v)
            .enumerate()
            .zip(x.iter().chain(x).filter(|v| **v > 0.4))
            .map(|((i, a), b)| a * b * i as f64)
            .sum();
        let w: f64 = x.iter().chain(x).zip(x.iter().rev().chain(x)).map(|(a, b)| a * b * b).sum();
        let v: f64 = x
            .iter()
            .flat_map(|a| x.iter().map(move |b| (a, b)))
            .zip(x.iter().filter(|v| **v > 0.0))
            .map(|((a, b), c)| a * b * c)
            .sum();
        z * y + w * v
    }
    agrees!(f: [0.41, -1.2, 0.3, 0.7, 0.9]);
}

#[test]
fn zip_of_two_filters() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let pos: f64 = x.iter().filter(|v| **v > 0.0).map(|v| v.ln()).sum();
        let z: f64 = x.iter().filter(|&&v| v > 0.0).zip(x.iter().filter(|v| v.abs() > 0.35)).map(|(a, b)| a * b).sum();
        pos * z
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn scans_that_go_on_and_that_end() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let cums: Vec<f64> = x
            .iter()
            .scan(0.0, |acc, &v| {
                *acc += v;
                Some(*acc)
            })
            .collect();
        let s: f64 = x
            .iter()
            .scan(1.0, |p, v| {
                *p *= v;
                if p.abs() > 100.0 { None } else { Some(*p * *p) }
            })
            .sum();
        let t: f64 = x
            .iter()
            .scan((0.0, 1.0), |st, v| {
                st.0 += v;
                st.1 *= st.0;
                Some(st.1)
            })
            .sum();
        cums.iter().zip(x).map(|(c, v)| c * v).sum::<f64>() + s * t
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn flat_map_over_ranges_and_slices() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let a: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| x[i] * x[j]).sum();
        let b: f64 = (0..n).flat_map(|i| (i + 1..n).map(move |j| (x[i] - x[j]).powi(2))).sum();
        let c: f64 = x.iter().flat_map(|a| x.iter().map(move |b| a * b * b)).sum();
        a * b + c
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn reduce_to_extremes() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = x.iter().copied().reduce(f64::max).unwrap();
        let b = x.iter().copied().reduce(|a, b| a.min(b)).unwrap_or(0.0);
        let c = x.iter().map(|v| v * v).reduce(|a, b| a * 0.5 + b).unwrap_or_default();
        let d = x.iter().cloned().map(f64::abs).fold(0.0, f64::max);
        (a - b) * c + d
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn collect_into_vectors_of_vectors() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let v = x.iter().map(|v| v * v).collect::<Vec<f64>>();
        let w: Vec<_> = v.iter().zip(x).map(|(a, b)| a * b).collect();
        let m: Vec<Vec<f64>> = x.iter().map(|a| w.iter().map(|b| a * b).collect()).collect();
        let mut s = 0.0;
        for i in 0..m.len() {
            for j in 0..m[i].len() {
                s += m[i][j] * m[j][i].sin();
            }
        }
        for row in &m {
            s += row.iter().sum::<f64>().powi(2);
        }
        s
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn zip_of_three() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let w = [1.0, 2.0, 3.0];
        let mut s = 0.0;
        for ((a, b), c) in x.iter().zip(w.iter()).zip(x.iter().skip(1)) {
            s += a * b * c;
        }
        for (i, (a, b)) in x.iter().zip(&w).enumerate() {
            s += a.powi(i as i32) * b;
        }
        for (a, (b, c)) in x.iter().zip(x.iter().rev().zip(w)) {
            s *= a * b + c;
        }
        s
    }
    agrees!(f: [0.4, -1.2, 0.3]);
}

#[test]
fn for_each_over_sources() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 0.0;
        x.iter().for_each(|v| s += v * v);
        let mut y = vec![0.0; x.len()];
        y.iter_mut().zip(x).for_each(|(y, x)| *y = x * s);
        y.iter_mut().for_each(|v| {
            *v *= *v;
        });
        (0..x.len()).for_each(|i| s += y[i] * x[i]);
        s
    }
    agrees!(f: [0.4, -1.2, 0.3]);
}

#[test]
fn windows_of_three() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        x.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).powi(2)).sum::<f64>()
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9, 0.3]);
}

#[test]
fn windows_by_pattern() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut e = 0.0;
        for w in x.windows(3) {
            if let [a, b, c] = w {
                e += a * b * c;
            }
        }
        for w in x.windows(2) {
            let &[a, b] = w else { unreachable!() };
            e += (a - b).powi(2);
        }
        e
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9, 0.3]);
}

#[test]
fn sums_of_literals() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let s: f64 = [x[0] * x[1], x[2]].iter().sum();
        let t: f64 = [x[0] * x[1], x[2]].into_iter().map(|v| v * v).sum();
        let m: f64 = vec![x[1]; 3].iter().sum();
        s * t + m
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn vectors_of_arrays() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let pts: Vec<[f64; 3]> = x.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
        let mut e = 0.0;
        for p in pts.iter() {
            let [a, b, c] = *p;
            e += a * b * c;
        }
        for (i, p) in pts.iter().enumerate() {
            for q in &pts[i + 1..] {
                let d2: f64 = p.iter().zip(q).map(|(a, b)| (a - b) * (a - b)).sum();
                e += 1.0 / d2.sqrt();
            }
        }
        e
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7, 0.8, 0.9]);
}

#[test]
fn rows_with_their_number() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 6]) -> f64 {
        let m = [[x[0], x[1], x[2]], [x[3], x[4], x[5]]];
        let mut s = 0.0;
        for (i, row) in m.iter().enumerate() {
            for (j, v) in row.iter().enumerate() {
                s += v * v * (i + 2 * j) as f64;
            }
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7, 0.8, 0.9]);
}

#[test]
fn a_vector_by_reference_and_by_value() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        let mut s = 0.0;
        for x in &v {
            s += x * x;
        }
        for x in &mut v {
            *x = x.sin();
        }
        for x in v {
            s *= x;
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn arrays_by_value() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = 1.0;
        for v in *x {
            s *= v;
        }
        for v in [x[0] * x[1], x[2]] {
            s += v.exp();
        }
        for (a, b) in [(x[0], x[1]), (x[1], x[2])] {
            s += a * b;
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn chunks_that_are_changed() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for c in y.chunks_exact_mut(2) {
            let a = c[0];
            c[0] = a * c[1];
            c[1] = a + c[1].sin();
        }
        for c in y.chunks_mut(2) {
            for v in c.iter_mut() {
                *v *= *v;
            }
        }
        y.iter().sum()
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9, 0.3]);
}

#[test]
fn iter_mut_with_zip() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = [0.0; 4];
        for (y, x) in y.iter_mut().zip(x) {
            *y = x * x;
        }
        for (i, y) in y.iter_mut().enumerate() {
            *y *= i as f64 + 1.0;
        }
        for (a, b) in y.iter_mut().zip(x.iter().rev()) {
            *a += b.sin() * *a;
        }
        y.iter().map(|y| y.sqrt()).sum()
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9]);
}

#[test]
fn a_vector_that_grows_by_its_own_elements() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut v: Vec<f64> = Vec::with_capacity(x.len());
        for i in 0..x.len() {
            v.push(if i == 0 { x[0] } else { v[i - 1] * x[i] + 1.0 });
        }
        v.iter().sum()
    }
    agrees!(f: [0.4, -1.2, 0.3]);
}

#[test]
fn rev_behind_what_keeps_or_drops_items() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = x.iter().filter(|v| **v > 0.0).rev().fold(0.0, |a, v| a * 0.5 + v * v);
        let b = x.iter().skip(1).rev().fold(0.0, |a, v| a * 0.5 + v * v);
        let c = x.iter().take(3).rev().fold(0.0, |a, v| a * 0.5 + v * v);
        let d = x.iter().chain(&[1.0, 2.0]).filter(|v| **v > 0.0).map(|v| v * v).rev().fold(0.0, |a, v| a * 0.5 + v * v);
        let e = x.iter().enumerate().skip(1).rev().fold(0.0, |a, (i, v)| a * 0.5 + v * v * i as f64);
        let g = x.iter().map(|v| v * v).rev().skip(1).step_by(2).rev().fold(0.0, |a, v| a * 0.5 + v * v);
        a * b + c * d + e * g
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn rev_behind_ranges() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let a: f64 = (0..n).skip(1).rev().map(|i| x[i]).fold(0.0, |a, v| a * 0.5 + v * v);
        let b: f64 = (0..n).filter(|i| i % 2 == 0).rev().map(|i| x[i]).fold(0.0, |a, v| a * 0.5 + v * v);
        let c: f64 = (0..n).map(|i| x[i] * x[i]).enumerate().skip(1).rev().fold(0.0, |a, (i, v)| a * 0.5 + v * i as f64);
        let d: f64 = (0..n).zip(x).rev().map(|(i, v)| v * i as f64).fold(0.0, |a, v| a * 0.5 + v * v);
        let e: f64 = (0..n).flat_map(|i| 0..i).rev().map(|j| x[j]).fold(0.0, |a, v| a * 0.5 + v * v);
        let g: f64 = (1..n).flat_map(|i| x[..i].iter().map(move |v| v * i as f64)).rev().fold(0.0, |a, v| a * 0.5 + v * v);
        a + b * c + d * e + g
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn loops_from_the_end_of_what_was_adapted() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 1.0;
        for v in x.iter().filter(|v| **v > 0.0).rev() {
            s = s * 0.5 + v * v;
        }
        for (i, v) in x.iter().enumerate().filter(|(i, _)| i % 2 == 0).rev() {
            s = s * 0.5 + v * v * i as f64;
        }
        for w in x.chunks_exact(2).rev().skip(1) {
            s = s * 0.5 + w[0];
        }
        for i in (0..x.len()).step_by(2).rev() {
            s = s * 0.5 + x[i];
        }
        s
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7, 0.1]);
}

#[test]
fn scans_behind_anything() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (a, b) = x.split_at(2);
        let s: f64 = a
            .iter()
            .chain(b)
            .scan(1.0, |st, v| {
                *st *= v;
                Some(*st)
            })
            .filter(|v| *v > -100.0)
            .sum();
        let t: f64 = x
            .iter()
            .filter(|v| **v > 0.0)
            .scan(0.0, |st, &v| {
                *st += v * v;
                Some(*st)
            })
            .skip(1)
            .take(2)
            .sum();
        let u: f64 = x
            .iter()
            .scan((0.0, 1.0), |st, v| {
                st.0 += v;
                st.1 *= v;
                Some(st.0 * st.1)
            })
            .sum();
        let w: f64 = (0..x.len())
            .scan(1.0, |st, i| {
                *st = *st * x[i];
                Some(*st)
            })
            .enumerate()
            .map(|(i, v)| v * i as f64)
            .sum();
        let z: f64 = x
            .iter()
            .scan(1.0, |st, v| {
                *st *= v;
                Some(*st)
            })
            .scan(0.0, |st, v| {
                *st += v;
                Some(*st)
            })
            .sum();
        let q: f64 = a
            .iter()
            .chain(b)
            .scan(0usize, |n, v| {
                *n += 1;
                Some(v * *n as f64)
            })
            .sum();
        s * t + u + w + z * q
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7, 0.1]);
}

#[test]
fn a_reference_to_a_tuple_has_a_name() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let (best, value) = x.iter().copied().enumerate().max_by(|a, b| a.1.partial_cmp(&b.1).unwrap()).unwrap();
        let positive: f64 = x.iter().enumerate().filter(|p| *p.1 > 0.0).map(|(i, v)| v * (i as f64 + 1.0)).sum();
        let found = x.iter().zip([1.0, 2.0, 3.0, 4.0]).find(|pair| pair.1 > 1.5).map_or(0.0, |(v, w)| v * w);
        let before: f64 = x.iter().copied().enumerate().take_while(|p| p.0 < 2 && p.1 > 0.0).map(|p| p.1 * p.1).sum();
        value * (best as f64 + 1.0) + positive * found + before
    }
    agrees_twice!(f, 4, [0.7, 0.9, 0.2, -0.5], [0.3, -0.9, 1.4, 0.6]);
}
