//! Iterators with names, whose items are taken one by one or in parts, ranges without an end, and what is made of the last item.

#![allow(clippy::all, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

const POINT: [f64; 5] = [0.3, 1.2, 0.5, 0.8, 1.7];

/// Declares functions of five numbers, and compares their derivatives.
macro_rules! each_agrees {
    ($($name:ident($x:ident) $body:block)*) => {
        $(
            #[differentiable(second_order)]
            fn $name($x: &[f64; 5]) -> f64 $body
        )*
        $( agrees_twice!($name, 5, POINT); )*
    };
}

#[test]
fn items_are_taken_as_long_as_there_are_any() {
    each_agrees! {
        elements(x) {
            let mut it = x.iter();
            let mut s = 1.0;
            while let Some(v) = it.next() {
                s = s * v + v.sin();
            }
            s
        }
        after_the_first(x) {
            let mut it = x.iter();
            let first = it.next().unwrap();
            let mut s = first * 2.0;
            while let Some(v) = it.next() {
                if *v > 1.0 {
                    continue;
                }
                s = s * v + v.sin();
            }
            s
        }
        by_a_let_else(x) {
            let mut it = x.iter();
            let mut s = 0.5;
            loop {
                let Some(v) = it.next() else { break };
                s = s * v + v;
            }
            s
        }
        with_positions(x) {
            let mut it = x.iter().enumerate();
            let mut s = 0.5;
            while let Some((i, c)) = it.next() {
                s = s * c + i as f64 * c;
                if i == 3 {
                    break;
                }
            }
            s
        }
        chunks(x) {
            let mut it = x.chunks(2);
            let mut s = 0.5;
            while let Some(c) = it.next() {
                s = s * c[0] + c[c.len() - 1];
            }
            s
        }
        windows_from_the_end(x) {
            let mut it = x.windows(2).rev();
            let mut s = 0.5;
            while let Some(w) = it.next() {
                s = s * w[0] + w[1];
            }
            s
        }
        changed(x) {
            let mut a = *x;
            let mut it = a.iter_mut();
            let mut factor = 1.0;
            while let Some(v) = it.next() {
                *v *= factor;
                factor += *v;
            }
            a.iter().product::<f64>() + factor
        }
    }
}

#[test]
fn some_items_are_taken_and_the_others_are_left() {
    each_agrees! {
        one_by_one(x) {
            let mut it = x.iter();
            let a = it.next().unwrap();
            let b = it.next().expect("there are five");
            let c = it.next().copied().unwrap_or(0.0);
            let rest: f64 = it.sum();
            a * b + c * rest
        }
        by_a_loop(x) {
            let mut it = x.iter().enumerate().skip(1);
            let mut s = 0.5;
            let (i, f) = it.next().unwrap();
            s += i as f64 * f;
            for (j, v) in it {
                s *= v * j as f64;
            }
            s
        }
        in_parts(x) {
            let mut it = x.iter();
            let mut s = 0.0;
            for v in it.by_ref().take(2) {
                s += v.sin();
            }
            let next: f64 = it.by_ref().take(1).map(|v| v * v).sum();
            for v in it {
                s *= v + next;
            }
            s
        }
        by_reference(x) {
            let mut it = x.iter().copied();
            let mut s = 1.0;
            for v in &mut it {
                s *= v;
                if s < 0.2 {
                    break;
                }
            }
            s + it.map(|v| v * v).sum::<f64>()
        }
        what_is_left_is_a_slice(x) {
            let mut it = x.iter();
            let scale = *it.next().unwrap();
            it.next();
            let left = it.len() as f64;
            scale * left * it.as_slice().iter().product::<f64>()
        }
        if_there_is_one(x) {
            let mut it = x.iter().take(3);
            let mut s = 0.0;
            for round in 0..5 {
                if let Some(v) = it.next() {
                    s += v * v;
                } else {
                    s *= x[round];
                }
                s += match it.clone().next() {
                    Some(v) => *v,
                    None => 0.5,
                };
            }
            s
        }
        chunks_and_what_remains(x) {
            let mut pairs = x.chunks_exact(2);
            let mut s = 0.0;
            for p in pairs.by_ref() {
                s += p[0] * p[1];
            }
            for r in pairs.remainder() {
                s *= r;
            }
            s
        }
        what_remains_before(x) {
            let pairs = x.chunks_exact(2);
            let rest = pairs.remainder();
            let s: f64 = pairs.map(|p| p[0] * p[1]).sum();
            s + rest.iter().map(|v| v * v).sum::<f64>()
        }
    }
}

#[test]
fn items_that_are_parts_are_used_where_they_are_taken() {
    each_agrees! {
        in_a_let(x) {
            let mut it = x.chunks(2);
            let first: f64 = it.next().unwrap().iter().sum();
            let second = it.next().expect("there are three")[1].sin();
            first * second * it.next().unwrap().len() as f64
        }
        in_assignments(x) {
            let mut it = x.windows(3);
            let mut s = 1.0;
            s += it.next().unwrap().iter().map(|v| v * v).sum::<f64>();
            s = it.next().unwrap().iter().fold(s, |s, v| s * v);
            s
        }
    }
}

#[test]
fn how_many_items_are_taken_is_asked_once() {
    each_agrees! {
        counted_up(x) {
            let mut it = x.iter();
            let mut count = 0;
            let first: f64 = it.by_ref().take({ count += 1; count }).map(|v| v * v).sum();
            let second: f64 = it.by_ref().take({ count += 1; count }).map(|v| v * 3.0).sum();
            let others: f64 = it.map(|v| v * v * v).sum();
            first * 2.0 + second * others + count as f64 * x[0]
        }
    }
}

#[test]
fn an_item_that_is_not_there_is_no_item_further_on() {
    #[differentiable(wrt(x))]
    fn of_one(x: &[f64]) -> f64 {
        let mut it = x.iter().take(1);
        let (first, second) = (it.next().unwrap(), it.next().unwrap());
        first * second
    }
    #[differentiable(wrt(x))]
    fn of_pairs(x: &[f64]) -> f64 {
        let mut it = x.chunks(2);
        let first = it.next().unwrap();
        let second = it.next().expect("there are two");
        first.iter().sum::<f64>() * second.iter().sum::<f64>()
    }
    assert_eq!(of_pairs::grad(&[1.0, 2.0, 4.0]), [4.0, 4.0, 3.0]);
    assert!(std::panic::catch_unwind(|| of_one::grad(&[1.0, 2.0])).is_err());
    assert!(std::panic::catch_unwind(|| of_pairs::grad(&[1.0, 2.0])).is_err());
}

#[test]
fn the_next_item_is_looked_at() {
    each_agrees! {
        products_of_neighbours(x) {
            let mut it = x.iter().copied().peekable();
            let mut s = 1.0;
            while let Some(v) = it.next() {
                s *= v;
                if let Some(n) = it.peek() {
                    s += n * v;
                }
            }
            s
        }
        the_last_is_another(x) {
            let mut it = x.iter().peekable();
            let mut s = 0.0;
            while let Some(v) = it.next() {
                if it.peek().is_some() {
                    s += v * v;
                } else {
                    s *= v;
                }
            }
            s
        }
        trapezoids(x) {
            let points = [(0.0, x[0]), (x[1], x[2]), (2.0, x[3] * x[4])];
            let mut area = 0.0;
            let mut it = points.iter().peekable();
            while let Some(&(x0, y0)) = it.next() {
                if let Some(&&(x1, y1)) = it.peek() {
                    area += (x1 - x0) * (y0 + y1) / 2.0;
                }
            }
            area
        }
    }
}

#[test]
fn an_iterator_with_closures_has_a_name() {
    each_agrees! {
        used_once(x) {
            let a = [x[0], 2.0 * x[1]];
            let it = a.iter().map(|v| v * 2.0);
            let y: f64 = it.sum();
            y * y
        }
        beside_what_changes(x) {
            let mut a = x.map(|v| v * v);
            let b = a.map(|v| v + 1.0);
            let it = x.iter().map(|v| v * 2.0);
            a[0] = 5.0;
            it.sum::<f64>() * a[0] * b[0]
        }
        used_twice(x) {
            let it = x.iter().zip(&x[1..]).map(|(a, b)| a * b).filter(|v| *v > 0.45);
            let count = it.clone().count() as f64;
            it.product::<f64>() * count
        }
    }
}

#[test]
fn closures_run_where_items_are_taken() {
    each_agrees! {
        one_by_one(x) {
            let mut it = x.iter().map(|v| v * 2.0);
            let a = it.next().unwrap();
            let b = it.next().unwrap_or(1.0);
            let rest: f64 = it.map(|v| v * a).sum();
            a * rest + b
        }
        in_a_condition(x) {
            let mut it = x.iter();
            let mut s = 1.0;
            for k in 0..4 {
                if it.next().is_some_and(|v| *v > 0.4) {
                    s = s * x[k] + it.len() as f64 * s.sin();
                }
            }
            s
        }
        in_an_expression(x) {
            let mut it = x.iter();
            let m = [it.next().unwrap() * 2.0, it.next().unwrap().exp()];
            let mut next = || *it.next().unwrap();
            let third = next() * next();
            m[0] * m[1] + third
        }
    }
}

#[test]
fn a_slice_loses_its_first_elements() {
    each_agrees! {
        by_patterns(x) {
            let mut s = &x[..];
            let mut t = 1.0;
            while let [a, b, rest @ ..] = s {
                s = rest;
                t = t * a + b.sin();
            }
            t + s[0] * s.len() as f64
        }
        by_split_first(x) {
            let mut s: &[f64] = &x[..];
            let mut t = 1.0;
            while let Some((first, rest)) = s.split_first() {
                t = t * first + rest.iter().sum::<f64>();
                s = rest;
            }
            t
        }
        by_ranges(x) {
            let mut s = &x[..];
            let mut t = 1.0;
            while s.len() > 1 {
                let (head, first) = (s[0], &s[0]);
                s = &s[1..];
                t += head * first * s[0] * t;
            }
            t * s[0]
        }
        by_what_was_named_before(x) {
            let mut s = &x[..];
            let mut t = 1.0;
            while let [a, rest @ ..] = s {
                s = &s[1..];
                t = t * a + s.iter().sum::<f64>();
                s = rest;
            }
            t
        }
        behind_the_first(x) {
            let mut s = &x[1..4];
            let mut t = x[4];
            while let [a, rest @ ..] = s {
                t += a * t * rest.len() as f64;
                s = rest;
            }
            t
        }
        between_the_ends(x) {
            let [a, middle @ .., b] = &x[..] else { return 0.0 };
            let tail = &x[2..];
            let (mut s, mut r) = (1.0, 1.0);
            let mut rest = middle;
            while let [first, others @ ..] = rest {
                s = s * first + b;
                rest = others;
            }
            let mut rest = tail;
            while rest.len() > 1 {
                r = r * rest[0] + a;
                rest = &rest[1..];
            }
            s * r * rest[0]
        }
        by_arms(x) {
            let mut s = &x[..];
            let mut t = 1.0;
            loop {
                match s {
                    [] => break,
                    [only] => {
                        t *= only;
                        break;
                    }
                    [a, tail @ ..] => {
                        t += a * tail[0];
                        s = tail;
                    }
                }
            }
            t
        }
    }
}

#[test]
fn one_value_is_repeated() {
    each_agrees! {
        once(x) { std::iter::once(x[0]).chain(x[1..].iter().copied()).map(|v| v * v).sum() }
        so_many_times(x) { std::iter::repeat_n(x[0], 3).enumerate().map(|(i, a)| a * x[i]).sum() }
        as_often_as_is_taken(x) { std::iter::repeat(x[0]).take(3).zip(x).map(|(a, b)| a * b).sum() }
    }
}

#[test]
fn a_range_without_an_end_is_left_by_a_break() {
    each_agrees! {
        by_its_length(x) {
            let mut s = 1.0;
            for i in 0.. {
                if i >= x.len() {
                    break;
                }
                if i == 2 {
                    continue;
                }
                s *= x[i].sin();
            }
            s
        }
        by_a_value(x) {
            let mut s = x[0];
            for n in 1.. {
                let next = 0.5 * (s + x[1] / s);
                let done = (next - s).abs() < 1e-13;
                s = next;
                if done || n > 50 {
                    break;
                }
            }
            s
        }
        by_a_return(x) {
            let mut s = 0.5;
            'outer: for i in 0usize.. {
                for v in x {
                    s = s * v + v.sin();
                    if s > 1.5 {
                        break 'outer;
                    }
                    if i > 3 {
                        return s * s;
                    }
                }
            }
            s
        }
    }
}

#[test]
fn each_item_is_made_of_the_one_before() {
    each_agrees! {
        so_many(x) { std::iter::successors(Some(x[0]), |t| Some(t * x[1] + 0.1)).take(4).map(|t| t.sin()).sum() }
        as_long_as(x) {
            use std::iter::successors;
            successors(Some(x[0]), |&t| Some(t * x[1] + 0.1)).take_while(|t| *t < 1.0).map(|t| t.sin()).sum()
        }
        beside_coefficients(x) { std::iter::successors(Some(1.0), |p| Some(p * x[1])).zip(x).map(|(p, c)| p * c).sum() }
    }
}

#[test]
fn sequences_are_cut_from_their_ends() {
    each_agrees! {
        chunks(x) { x.rchunks(2).map(|c| c[0] * c.len() as f64 + c.iter().product::<f64>()).sum() }
        whole_chunks(x) {
            let mut s = 1.0;
            for c in x.rchunks_exact(2) {
                s = s * c[0].sin() + c[1];
            }
            s
        }
        changed(x) {
            let mut a = *x;
            for (k, c) in a.rchunks_mut(3).enumerate() {
                c[0] *= x[k] + 1.0;
            }
            a.iter().map(|v| v * v).sum()
        }
    }
}

#[test]
fn boxed_slices_and_arrays_of_references_are_read() {
    each_agrees! {
        collected(x) {
            let b: Box<[f64]> = x.iter().map(|v| v * v).collect();
            b.iter().product()
        }
        made_of_a_vector(x) {
            let mut v = x.to_vec();
            v.push(x[0] * x[1]);
            let b = v.into_boxed_slice();
            b[0] * b[5] + b.len() as f64 * b[2]
        }
        by_reference(x) {
            let a = [x[0], x[1], x[2] * x[3]];
            a.each_ref().map(|v| v * 2.0).iter().product()
        }
        by_paths(x) {
            let rows: Vec<Vec<f64>> = x.chunks(2).map(<[f64]>::to_vec).collect();
            let last: Vec<f64> = x[3..].into();
            let lengths: usize = rows.iter().map(Vec::len).sum();
            rows[0][1] * rows[2][0] * last[0] * lengths as f64
        }
        as_a_slice(x) {
            let s = x.as_slice();
            match s {
                [a, b, rest @ ..] if a < b => a * b * rest[0],
                [a, ..] => a * a,
                [] => 0.0,
            }
        }
        references_in_a_vector(x) {
            let large: Vec<&f64> = x.iter().filter(|v| **v > 0.4).collect();
            large.iter().map(|v| v.powi(2)).product()
        }
    }
}

#[test]
fn items_are_passed_over() {
    each_agrees! {
        one_of_them(x) {
            let mut it = x.iter();
            let a = it.nth(1).unwrap();
            let b = it.next().unwrap();
            a * b * b + it.sum::<f64>()
        }
        by_a_number_that_is_computed(x) {
            let mut it = x.iter().rev().copied();
            let mut s = 1.0;
            for i in 0..3 {
                s += it.nth(i).unwrap_or(x[0] * s) * s;
            }
            s * it.len() as f64 + s
        }
        as_long_as_there_are_any(x) {
            let mut it = x.iter();
            let mut s = 1.0;
            while let Some(v) = it.nth(1) {
                s = s * v + 1.0;
            }
            s
        }
        every_other(x) {
            let mut it = x.iter().step_by(2);
            let mut s = 1.0;
            while let Some(v) = it.next() {
                s = s * v + it.len() as f64;
            }
            s
        }
        every_third_from_the_end(x) {
            let mut it = x.iter().rev().step_by(3).enumerate();
            let (_, a) = it.next().unwrap();
            let (k, b) = it.next().unwrap();
            a * b * k as f64 + it.map(|(_, v)| v * 2.0).sum::<f64>()
        }
        every_other_but_the_first(x) {
            let mut it = x.iter().step_by(2).skip(1);
            let n = it.len() as f64;
            let a = it.next().unwrap();
            a * n * it.by_ref().take(3).map(|v| v * v).sum::<f64>()
        }
    }
}

#[test]
fn items_are_matched_with_guards() {
    each_agrees! {
        by_their_value(x) {
            let mut it = x.iter();
            let mut s = 1.0;
            for _ in 0..4 {
                match it.next() {
                    Some(v) if *v > 0.6 => s *= v,
                    _ => s += x[0],
                }
            }
            s
        }
        as_values(x) {
            let mut it = x.iter().copied();
            let mut s = 0.5;
            for k in 0..6 {
                s = match it.next() {
                    Some(v) if v > 1.0 => s * v,
                    Some(v) if k % 2 == 0 => s + v.sin(),
                    Some(v) => s - v * s,
                    None => s * x[0],
                };
            }
            s
        }
        none_first(x) {
            let mut it = x.iter().peekable();
            let mut s = 0.5;
            loop {
                match it.peek() {
                    None => break,
                    Some(_) => s += 0.25,
                }
                match it.next() {
                    None => s *= 2.0,
                    Some(v) => s *= v,
                }
            }
            s
        }
    }
}

#[test]
fn a_loop_over_the_rest_of_an_inactive_iterator() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], rows: &[Vec<f64>], pairs: &[(usize, f64)], order: &[usize]) -> f64 {
        let mut rest = rows.iter();
        let first = rest.next().unwrap();
        let mut s = x[0] * first[0];
        for row in rest {
            s += x[1] * x[1] * row[0] * row.len() as f64;
        }
        let mut pairs = pairs.iter();
        let &(at, weight) = pairs.next().unwrap();
        for (i, w) in pairs {
            s *= x[*i] * w + x[at] * weight;
        }
        let mut order = order.iter().copied();
        let begin = order.next().unwrap_or(0);
        for i in order {
            s += x[i] * x[begin];
        }
        s
    }
    let rows = [vec![0.5], vec![2.0, 3.0], vec![1.5]];
    let pairs = [(1, 0.4), (2, 1.3), (0, 0.8)];
    agrees!(f(&rows, &pairs, &[2, 0, 1]): [0.4, 1.2, 0.3]);
    agrees!(f(&rows[..1], &pairs[..1], &[]): [0.4, 1.2, 0.3]);
}

#[test]
fn an_inactive_array_made_by_map_is_no_iterator() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], w: &[f64; 3]) -> f64 {
        let weights = w.map(|v| v + 1.0);
        let mut s = 0.0;
        for v in &weights {
            s += v * x[0] * x[1];
        }
        for v in weights {
            s *= v * x[2];
        }
        for byte in b"ab" {
            s += x[0] * f64::from(*byte);
        }
        s
    }
    agrees!(f(&[0.2, -0.5, 1.4]): [0.4, 1.2, 0.3]);
}

#[test]
fn ranges_that_change_are_iterated_as_far_as_they_are() {
    each_agrees! {
        asked_before(x) {
            let mut r = 0..5;
            r.next();
            r.end -= 1;
            let mut s = 1.0;
            for i in r.clone() {
                s *= x[i];
            }
            for i in r {
                s += x[i] * s;
            }
            s
        }
        mapped(x) {
            let mut r = 0..5;
            let mut s = 0.0;
            while let Some(i) = r.next() {
                s += x[i] * x[i];
                if i == 1 {
                    break;
                }
            }
            s * r.map(|i| x[i]).sum::<f64>()
        }
        changed_in_a_loop(x) {
            let mut r = 0..2;
            let mut s = 0.3;
            for _ in 0..2 {
                for i in r.clone() {
                    r.end += usize::from(i == 1);
                    s += x[i] * s;
                }
                r.start += 1;
            }
            s * x[r].iter().sum::<f64>()
        }
        closed(x) {
            let mut r = 0..=4;
            let mut s = 0.3;
            r.next();
            for i in r {
                s += x[i] * s;
            }
            s
        }
        lent(x) {
            let mut r = 0..5;
            let mut s = 0.3;
            for i in &mut r {
                s += x[i] * s;
                if i == 1 {
                    break;
                }
            }
            for i in r {
                s *= x[i];
            }
            s
        }
    }
}

#[test]
fn an_iterator_that_is_lent_goes_on_where_a_loop_left_it() {
    fn numbers(text: &str) -> impl Iterator<Item = usize> + '_ {
        text.split(' ').map(|word| word.parse().expect("a number"))
    }
    each_agrees! {
        words(x) {
            let mut words = "0 1 end 3 4".split(' ');
            let mut s = 0.3;
            for word in words.by_ref() {
                if word == "end" {
                    break;
                }
                s += x[word.parse::<usize>().expect("a number")] * s;
            }
            for word in words {
                s *= x[word.parse::<usize>().expect("a number")];
            }
            s
        }
        elements(x) {
            let order = [2, 0, 1, 4];
            let mut it = order.iter();
            let mut s = 0.3;
            for i in &mut it {
                s += x[*i] * s;
                if *i == 0 {
                    break;
                }
            }
            s * it.len() as f64
        }
        stages(x) {
            let mut all = numbers("0 1 2 3 4");
            let mut s = 0.3;
            for (n, i) in all.by_ref().map(|i| i + 1).enumerate() {
                s += x[i] * s;
                if n == 1 {
                    break;
                }
            }
            s * all.count() as f64
        }
        labelled(x) {
            let mut all = numbers("0 1 2 3 4");
            let mut s = 0.3;
            'outer: for k in 0..2 {
                for i in &mut all {
                    if i == 1 + k {
                        continue 'outer;
                    }
                    s += x[i] * s;
                }
            }
            for i in all {
                s *= x[i];
            }
            s
        }
        returned(x) {
            let mut all = numbers("0 1 2 3 4");
            let mut s = 0.3;
            for i in all.by_ref() {
                if i == 2 {
                    return s * all.next().expect("a number") as f64;
                }
                s += x[i] * s;
            }
            s
        }
        changed_elements(x) {
            let mut counts = vec![1, 2, 3];
            let mut s = 0.3;
            for count in &mut counts {
                *count += 1;
                s += x[*count] * s;
                if *count == 3 {
                    break;
                }
            }
            s * counts.iter().sum::<usize>() as f64
        }
    }
}
