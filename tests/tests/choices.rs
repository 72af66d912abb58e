//! Patterns on active values and `Option`s of them: every form against finite differences, in both modes.

#![allow(
    clippy::manual_map,
    clippy::manual_unwrap_or,
    clippy::get_first,
    clippy::unnecessary_lazy_evaluations,
    clippy::question_mark,
    clippy::unnecessary_literal_unwrap,
    clippy::manual_range_patterns,
    clippy::redundant_guards,
    clippy::toplevel_ref_arg,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn match_on_an_active_value_binds_it() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let a = match x[0] {
            v if v > 1.0 => v.ln() * x[1],
            0.0..=0.5 => x[0] * x[0],
            v @ 0.5..1.0 => v.sin() + x[1],
            v => v * v * v,
        };
        match a * x[1] {
            p if p < 0.0 && x[0] < 0.7 => -p,
            p => p.exp(),
        }
    }
    agrees!(f, 2, [2.0, 0.4], [0.3, -0.4], [0.7, 0.2], [-0.8, 1.3], [0.6, -0.9]);
}

#[test]
fn match_on_a_tuple_of_active_values() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        match (x[0] * x[1], x[0] + x[1], 3usize) {
            (p, s, n) if p > s => p * n as f64,
            (p, s, 3) if s > 1.0 => s.ln() * p,
            (_, s, _) => s * s,
        }
    }
    agrees!(f, 2, [2.0, 4.0], [0.9, 0.6], [-0.8, 1.3]);
}

#[test]
fn slice_patterns_take_parts() {
    #[differentiable]
    fn f(x: &[f64; 5]) -> f64 {
        let [first, .., last] = x;
        let [_, a, b, rest @ ..] = x;
        let s = match &rest[..] {
            [] => 0.0,
            [one] => *one,
            [one, two] => one * two * first,
            [one, .., other] => one + other,
        };
        let ref r = x[2];
        s * last + a * b * *r
    }
    agrees!(f, 5, [2.0, 0.4, 0.7, -0.3, 1.1]);
}

#[test]
fn an_option_of_an_active_value_is_matched() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let root = if x[0] > 0.0 { Some(x[0].sqrt()) } else { None };
        let mut s = match root {
            Some(r) if r > 1.5 => r * x[1],
            Some(r) => r * r * x[2],
            None => x[1] * x[1],
        };
        if let Some(r) = root {
            s += r.sin();
        } else {
            s *= 2.0;
        }
        if let Some(r) = root
            && r < 1.2
            && s > 0.0
        {
            s *= r;
        }
        let Some(r) = root else { return s };
        s * r
    }
    agrees!(f, 3, [2.0, 0.4, 0.7], [9.0, 0.4, 0.7], [-1.0, 0.4, 0.7], [1.1, 0.4, 0.7]);
}

#[test]
fn options_are_mapped_joined_and_unwrapped() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let p = if x[0] > 0.5 { Some(x[0] * x[1]) } else { None };
        let q = p.map(|v| v * v + 1.0);
        let r = q.and_then(|v| if x[1] > 2.0 { Some(v.ln()) } else { None });
        let t = r.or(p);
        let sure = Some(x[1] * x[1]);
        p.unwrap_or(x[2])
            + q.map_or(0.5, |v| v * x[2])
            + t.unwrap_or_else(|| x[1] * 2.0)
            + r.filter(|v| *v > 1.0).unwrap_or(x[0])
            + if q.is_some() { x[0] } else { 0.0 }
            + sure.unwrap() * sure.expect("it is there")
    }
    agrees!(f, 3, [2.0, 0.4, 0.7], [0.1, 0.4, 0.7], [2.0, 3.1, 0.7], [0.7, 2.5, 0.7]);
}

#[test]
fn an_option_may_change() {
    #[differentiable]
    fn largest(x: &[f64; 4]) -> f64 {
        let mut best = None;
        for v in x {
            if *v < 0.0 {
                continue;
            }
            best = match best {
                None => Some(*v),
                Some(b) => Some(if *v > b { *v * 1.5 } else { b }),
            };
        }
        best.unwrap_or(x[0] * x[1])
    }
    agrees!(largest, 4, [2.0, 0.4, 3.7, 1.0], [-1.0, -0.4, -0.7, -2.0], [-1.0, 0.4, -0.7, 2.0]);
}

#[test]
fn options_of_tuples() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let pair = if x[0] > 1.0 { Some((x[0] * x[1], x[2])) } else { None };
        match pair {
            Some((a, b)) => a * b,
            None => x[1],
        }
    }
    agrees!(f, 3, [2.0, 0.4, 0.7], [0.1, 0.4, 0.7]);
}

#[test]
fn ends_of_slices_are_options() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let tail = &x[4..];
        let mut s = tail.first().copied().unwrap_or(x[0] * x[1]);
        if let Some(last) = x.last() {
            s *= *last;
        }
        match x.get(2) {
            Some(v) => s += v * v,
            None => s = 0.0,
        }
        s + x.get(9).map_or(1.0, |v| *v) + x.first().unwrap() * x[3]
    }
    agrees!(f, 4, [2.0, 0.4, 0.7, -1.2]);
}

#[test]
fn reduce_gives_an_option() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let top = x.iter().copied().reduce(f64::max).unwrap();
        let product = x.iter().map(|v| v * v + 1.0).reduce(|a, b| a * b);
        let none = x.iter().filter(|v| **v > 100.0).copied().reduce(|a, b| a + b);
        top * product.unwrap_or(0.0) + none.unwrap_or(x[1])
    }
    agrees!(f, 4, [2.0, 0.4, 0.7, -1.2], [-2.0, -0.4, -0.7, -1.2]);
}

#[derive(Clone, Copy)]
enum Activation {
    Relu,
    Leaky { slope: f64 },
    Power(i32),
}

#[test]
fn enumerations_without_active_values_are_matched() {
    #[differentiable(wrt(x))]
    fn activate(x: f64, by: Activation) -> f64 {
        match by {
            Activation::Relu => x.max(0.0),
            Activation::Leaky { slope } if x < 0.0 => slope * x,
            Activation::Leaky { .. } => x,
            Activation::Power(n @ 1..=3) => x.powi(n),
            Activation::Power(n) => x.abs().powf(n as f64),
        }
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        activate(x[0], Activation::Relu) * activate(x[1], Activation::Leaky { slope: 0.1 })
            + activate(x[0], Activation::Power(2)) * activate(x[1], Activation::Power(5))
    }
    agrees!(f, 2, [2.0, 0.4], [0.3, -0.4]);
}

#[test]
fn an_annotated_option_of_a_tuple_begins_as_none() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut pair: Option<(f64, f64)> = None;
        for w in x.windows(2) {
            let d = w[1] - w[0];
            if d > 0.0 {
                pair = Some((w[0], w[1] * d));
            }
        }
        pair.map(|(a, b)| a * b).unwrap_or(x[3])
    }
    agrees!(f, 4, [0.3, 0.7, -1.2, 0.5], [4.0, 3.0, 2.0, 1.0]);
}

#[test]
fn a_local_copy_of_an_element_is_matched_by_ranges() {
    #[differentiable]
    fn f(x: &[f64; 1]) -> f64 {
        let x = x[0];
        match x {
            v if v < -1.0 => -v,
            -1.0..0.0 => x * x,
            0.0..=1.0 => x.powi(3),
            _ if x.is_nan() => 0.0,
            _ => (2.0 - x).exp(),
        }
    }
    agrees!(f, 1, [0.3], [-0.3], [-3.0], [3.0]);
}

#[test]
fn what_a_single_arm_or_a_block_names_is_there_behind_it() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        let (at, coefficients) = match x {
            [at, rest @ ..] => (*at, rest),
        };
        let (first, others) = {
            let scaled = coefficients[0] * at;
            (scaled, &coefficients[1..])
        };
        others.iter().rev().fold(first, |sum, coefficient| sum * at + coefficient)
    }
    agrees_twice!(f, 5, [0.7, 0.4, 0.2, -0.5, 0.3], [-1.2, 0.3, 0.9, 0.1, 0.6]);
}

#[test]
fn a_tuple_that_a_function_gives_is_taken_apart_by_its_first_elements() {
    #[differentiable(second_order)]
    fn polar(a: f64, b: f64) -> (f64, f64, [f64; 2]) {
        let r = a.hypot(b);
        (r, b.atan2(a), [a / r, b / r])
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let (r, ..) = polar(x[0], x[1]);
        let (first, .., last) = (x[0] * r, x[1], r.sin());
        let (_, angle, ..) = polar(first, last);
        r * angle + first * last
    }
    agrees_twice!(f, 2, [0.7, 0.4], [1.2, 0.3]);
}

#[test]
fn the_greatest_and_where_it_is_are_kept_in_a_tuple() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut best = (x[0], 0usize);
        for (i, &v) in x.iter().enumerate() {
            if v > best.0 {
                best = (v, i);
            }
        }
        let mut least = (0, x[0] * x[0]);
        for i in 1..x.len() {
            if x[i] < x[least.0] {
                least = (i, x[i] * x[i]);
            }
        }
        best.0 * x[best.1] * (best.1 + 1) as f64 + least.1 * x[least.0].sin()
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.9], [-0.5, -0.2, -0.1]);
}

#[test]
fn parts_of_such_a_tuple_are_stored_one_by_one_and_exchanged() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut best = (0usize, (f64::NEG_INFINITY, true));
        for (i, &v) in x.iter().enumerate() {
            if v > best.1.0 {
                best = (i, (v, !best.1.1));
            }
        }
        let mut second = (0usize, f64::NEG_INFINITY);
        for (i, &v) in x.iter().enumerate() {
            if v > second.1 && i != best.0 {
                second.0 = i;
                second.1 = v * v;
            }
        }
        let mut pair = (second.1, best.1.0, 1);
        for _ in 0..3 {
            pair = (pair.1, pair.0 * pair.1, pair.2 + 1);
        }
        if best.1.1 { pair.0 * x[best.0] } else { pair.1 * x[second.0] * pair.2 as f64 }
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.9, 0.8], [0.5, 0.2, 0.1]);
}

#[test]
fn a_fold_keeps_the_greatest_and_where_it_is() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let best = x.iter().enumerate().fold((0, x[0]), |b, (i, &v)| if v > b.1 { (i, v) } else { b });
        let (i, v) = x.iter().enumerate().fold((0, x[0]), |b, (i, &v)| match i % 2 {
            0 => b,
            _ => (i, v * b.1),
        });
        best.1 * x[best.0] + v * x[i].cos()
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.9], [-0.5, -0.2, -0.1]);
}

#[test]
fn a_closure_gives_a_number_and_an_index() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let pair = |k: usize| (x[k] * 2.0, x.len() - 1 - k);
        let doubled = |y: f64| {
            let mut n = 0;
            let mut t = y;
            while t < 5.0 {
                t *= 2.0;
                n += 1;
            }
            (t, n)
        };
        let greatest = |end: usize| {
            let mut best = (x[0], 0);
            for (i, v) in x.iter().enumerate().take(end) {
                if *v > best.0 {
                    best = (*v, i);
                }
            }
            best
        };
        let (v, i) = pair(1);
        let (t, n) = doubled(x[0]);
        let first = greatest(2);
        let all = greatest(x.len());
        v * x[i] + t * n as f64 + first.0 * x[all.1] - all.0 * first.1 as f64
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.7, 0.9]);
}

#[test]
fn a_tuple_of_a_number_and_a_count_goes_through_choices() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (mut a, mut n) = (x[0], 0);
        let mut t = (x[0], 1usize);
        for (i, v) in x.iter().enumerate() {
            t = if i % 2 == 0 { (t.0 * v, t.1 + 1) } else { t };
            (a, n) = (t.0 + a, n + t.1);
        }
        a * n as f64
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.7]);
}

#[test]
fn slices_are_taken_apart_where_they_are() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let [a, b] = x[..2] else { panic!("two numbers") };
        let first = match *x {
            [u, v] => u * v,
            [u, .., v] => u / v,
            _ => 0.0,
        };
        let second = if let [u, ref rest @ ..] = x[1..] { u * rest.iter().sum::<f64>() } else { 0.0 };
        let third = if let [u, v] = *x { u.max(v) } else { a };
        a * b + first * second + third
    }
    agrees!(f: [0.4, 1.2], [0.4, 1.2, 0.3], [0.4, 1.2, 0.3, 0.7]);
}

#[test]
fn parts_of_a_tuple_that_carry_no_derivative_change_on_their_own() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut t = (x[0], 0usize, 0.5);
        for v in x {
            t.0 *= v + t.2;
            t.1 += 1;
            if t.1 % 2 == 0 {
                t.0 += t.2 * v * v;
                t.2 *= 1.5;
            } else {
                t.2 -= 0.1;
            }
        }
        let mut pair = (0.0, 1.0);
        for v in x {
            pair.0 += v * pair.1;
            pair.1 *= 2.0;
        }
        let (last, scale) = pair;
        t.0 * t.1 as f64 * t.2 + last * last * scale
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.7]);
}

#[test]
fn lists_hold_numbers_beside_where_they_are() {
    #[differentiable(second_order)]
    fn nearest(x: &[f64; 5]) -> f64 {
        let mut found: Vec<(f64, usize)> = Vec::new();
        for i in 0..4 {
            let e = x[i] - x[4];
            found.push((e * e, i));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found.truncate(3);
        let mut s = 0.0;
        for (w, i) in found.iter().take(2) {
            s += w * x[*i] * (*i as f64 + 1.0);
        }
        let (best, at) = found[0];
        s += best * x[at];
        let (far, _) = *found.last().unwrap();
        let first = found.first().unwrap().1;
        s + far * x[first] * found.len() as f64
    }
    #[differentiable(second_order)]
    fn labelled(x: &[f64; 5]) -> f64 {
        let mut v = vec![(x[0] * x[1], "a"), (x[2], "bb")];
        v.push((x[3] * x[4], "ccc"));
        v.insert(1, (x[1], "d"));
        v.swap(0, 2);
        v[1].0 *= x[0];
        v[2] = (x[3] * v[1].0, "e");
        let mut s = 0.0;
        for (y, label) in &v {
            s = s * 0.5 + y * label.len() as f64;
        }
        let kept = v.clone();
        while let Some((y, label)) = v.pop() {
            if label == "a" {
                s *= y;
            } else {
                s += y * y;
            }
        }
        s + kept.iter().map(|(y, _)| y).sum::<f64>()
            * kept.iter().filter(|(_, label)| label.len() > 1).map(|p| p.0).product::<f64>()
    }
    #[differentiable(second_order)]
    fn marked(x: &[f64; 5]) -> f64 {
        let v: Vec<(f64, bool)> = x.iter().map(|y| (y * y, *y > 0.5)).collect();
        let top = v.iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let n = v.iter().filter(|p| p.1).count();
        let s: f64 = v.iter().filter(|(_, on)| *on).map(|(y, _)| y * x[0]).sum();
        s * n as f64 + top.0 * x[1]
    }
    #[differentiable(second_order)]
    fn numbered(x: &[f64; 5]) -> f64 {
        let v: Vec<(usize, f64)> = x.iter().enumerate().map(|(i, y)| (i, y * y)).collect();
        let fixed = [(x[0] * x[1], 2usize), (x[2], 0), (x[3] * x[3], 1)];
        let mut stored = vec![(0.0, 0usize); 3];
        for i in 0..3 {
            stored[i] = (x[i] * x[i + 1], 2 - i);
        }
        stored[1].1 = 4;
        stored[1].0 = x[4] * x[4];
        for (y, _) in stored.iter_mut() {
            *y *= 2.0;
        }
        let mut s: f64 = v.iter().map(|(i, y)| x[*i] * y).sum();
        for (y, i) in fixed {
            s += y * x[i];
        }
        for (y, i) in &stored {
            s += y * x[*i] * fixed[0].0;
        }
        s
    }
    let x = [0.3, 0.72, 1.15, 0.2, 0.9];
    agrees_twice!(nearest, 5, x, [0.9, 0.1, 0.4, 0.55, 0.3]);
    agrees_twice!(labelled, 5, x);
    agrees_twice!(marked, 5, x);
    agrees_twice!(numbered, 5, x);
}
