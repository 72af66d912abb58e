//! `Option`s of active values, which `Some` or `None` is chosen by what carries no derivative, in both modes against differences.

#![allow(
    clippy::manual_swap,
    clippy::manual_map,
    clippy::unnecessary_lazy_evaluations,
    clippy::iter_nth,
    clippy::obfuscated_if_else,
    clippy::filter_map_bool_then,
    clippy::unnecessary_map_or,
    clippy::unnecessary_literal_unwrap,
    unused_qualifications,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[derive(Differentiable, Clone, Copy, Debug)]
struct Pair {
    a: f64,
    b: [f64; 2],
}

#[test]
fn an_array_is_there_or_not() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], there: bool) -> f64 {
        let mut o = None;
        if there {
            o = Some([x[0], x[1]]);
        }
        let s = match o {
            Some([a, b]) => a * b,
            None => x[0],
        };
        if let Some(v) = o { s + v[0] * v[1] } else { s * x[1] }
    }
    agrees!(f(true): [0.3, 0.4]);
    agrees!(f(false): [0.3, 0.4]);
}

#[test]
fn a_struct_is_there_or_not() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], there: bool) -> f64 {
        let (x, y) = (x[0], x[1]);
        let o = if there { Some(Pair { a: x, b: [y, x * y] }) } else { None };
        let p = o.unwrap_or(Pair { a: y, b: [x, x] });
        let q = if let Some(q) = &o { q.a * q.b[1] } else { 0.0 };
        let r = o.map(|p| p.a * p.a + p.b[0]).unwrap_or(0.0);
        let z = o.map_or(0.0, |p| p.b[0]);
        let u = match &o {
            Some(Pair { a, b }) => a * b[0],
            None => 0.0,
        };
        p.a * p.b[1] + q + r * z + u
    }
    agrees!(f(true): [0.3, 0.4]);
    agrees!(f(false): [0.3, 0.4]);
}

#[test]
fn it_is_filled_anew_in_a_loop() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut best = None;
        for (i, v) in x.iter().enumerate() {
            best = match best {
                None => Some((i, v * v)),
                Some((_, b)) if v * v > b => Some((i, v * v)),
                other => other,
            };
        }
        let mut last: Option<f64> = None;
        let mut s = 0.0;
        for v in x {
            if let Some(p) = last {
                s += p * v;
            }
            last = Some(*v);
        }
        let mut row: Option<[f64; 2]> = None;
        for w in x.chunks_exact(2) {
            if let Some([a, b]) = row {
                s += a * w[1] - b * w[0];
            }
            row = Some([w[0], w[1]]);
        }
        match best {
            Some((i, v)) => v * (i + 1) as f64 + s,
            None => 0.0,
        }
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn what_is_overwritten_unread_has_no_part() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut o = Some([x[0], x[0]]);
        if x.len() > 1 {
            o = Some([x[1], x[2]]);
        }
        o.map(|[a, b]| a * b).unwrap_or(0.0)
    }
    agrees!(f: [0.4, -1.2, 0.3]);
    assert_eq!(f::grad(&[2.0, 3.0, 4.0]), [0.0, 4.0, 3.0]);
}

#[test]
fn an_inactive_option_makes_an_active_one() {
    struct Settings {
        rate: Option<f64>,
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64], o: Option<f64>, power: Option<i32>, settings: &Settings) -> f64 {
        let x = x[0];
        let a = o.map(|v| v * x).unwrap_or(x);
        let b = if let Some(v) = o { v * x * x } else { 1.0 };
        let c = match o {
            Some(v) if v > 0.0 => v * x,
            Some(_) => x,
            None => 0.0,
        };
        let d = o.map_or(x, |v| v + x);
        let e = power.map(|i| x.powi(i)).unwrap_or(0.0);
        let g = o.unwrap_or(2.0) * x;
        let h = if let Some(w) = o.map(|v| v * x) { w * w } else { 0.0 };
        let k = settings.rate.map_or(1.0, |rate| rate * x) + settings.rate.map(|rate| rate + x).unwrap_or(0.0);
        let m = o.map_or_else(|| x * x, |v| v / x) + o.and_then(|v| (v > 0.0).then_some(v)).unwrap_or(1.0) * x;
        a * b + c + d * e + g + h + k * m
    }
    for o in [Some(0.5), Some(-0.5), None] {
        agrees!(f(o, Some(2), &Settings { rate: Some(0.3) }): [0.3]);
        agrees!(f(o, None, &Settings { rate: None }): [0.3]);
    }
}

#[test]
fn elements_are_there_or_not() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let v = x.first().copied().unwrap_or(0.0) * x.last().map(|v| v * v).unwrap_or(1.0);
        let w = if let Some(a) = x.get(1) { a * v } else { v };
        let z = match (x.first(), x.last()) {
            (Some(a), Some(b)) => a * b,
            _ => 0.0,
        };
        let u = if let Some((head, tail)) = x.split_first() { head * tail[0] } else { 0.0 };
        let y = if let Some((last, front)) = x.split_last() { last * front[0] } else { 0.0 };
        let t = x.get(1..3).map(|part| part[0] * part[1]).unwrap_or(0.0);
        let Some((last, rest)) = x.split_last() else { return v };
        w * z + u * y + t * last * rest[0]
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn elements_are_changed_where_they_are() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut v = [x[0], x[1], x[2]];
        if let Some(a) = v.first_mut() {
            *a *= 2.0;
        }
        if let Some(a) = v.last_mut() {
            *a = *a * *a;
        }
        if let Some(a) = v.get_mut(1) {
            *a += x[0];
        }
        if let Some((head, tail)) = v.split_first_mut() {
            *head *= tail[0];
            tail[0] += 1.0;
        }
        v[0] * v[1] + v[2]
    }
    agrees!(f: [0.4, -1.2, 0.7]);
}

#[test]
fn an_iterator_gives_one_of_its_items() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = x.iter().max_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
        let b = x.iter().copied().min_by(|a, b| a.total_cmp(b)).unwrap();
        let (i, c) = x.iter().enumerate().max_by(|a, b| a.1.partial_cmp(b.1).unwrap()).unwrap();
        let d = x.iter().find(|v| **v < 0.0).map(|v| v * v).unwrap_or(1.0);
        let e = x.iter().map(|v| v * v).next().unwrap();
        let g = x.iter().nth(1).unwrap();
        let h = x.iter().rev().skip(1).last().copied().unwrap_or(0.0);
        let k = x.iter().find_map(|v| if *v > 0.5 { Some(v * v * v) } else { None }).unwrap_or(0.0);
        let r = x.iter().copied().reduce(|a, b| if a > b { a } else { b * 1.5 }).unwrap();
        a * b + c * i as f64 * d + e * g + h * k + r
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7], [1.0, 2.2, 3.0, -4.0]);
}

#[test]
fn of_equal_items_the_one_of_the_standard_library_is_chosen() {
    #[differentiable]
    fn greatest(x: &[f64]) -> f64 {
        *x.iter().max_by(|a, b| a.total_cmp(b)).unwrap()
    }
    #[differentiable]
    fn least(x: &[f64]) -> f64 {
        *x.iter().min_by(|a, b| a.total_cmp(b)).unwrap()
    }
    assert_eq!(greatest::grad(&[1.0, 2.0, 2.0]), [0.0, 0.0, 1.0]);
    assert_eq!(least::grad(&[1.0, 1.0, 2.0]), [1.0, 0.0, 0.0]);
}

#[test]
fn elements_of_what_is_empty_are_not_there() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        if let Some((head, tail)) = v.split_first_mut() {
            *head *= 2.0 + tail.len() as f64;
        }
        if let Some((last, front)) = v.split_last_mut() {
            *last *= 2.0 + front.len() as f64;
        }
        if let Some(last) = v.last_mut() {
            *last = *last * *last;
        }
        v.iter().sum::<f64>() + v.split_first().map_or(0.0, |(head, _)| head * head)
    }
    agrees!(f: [0.4, -1.2, 0.7], [0.5]);
    assert_eq!(f::value_and_grad(&[]), (0.0, vec![]));
}

#[derive(Clone, Debug, Differentiable)]
struct Best {
    value: f64,
    at: [f64; 2],
}

#[test]
fn what_an_option_holds_is_changed_in_place() {
    #[differentiable]
    fn scalars(x: &[f64; 2]) -> f64 {
        let mut o = if x[0] > 0.0 { Some(x[0] * x[1]) } else { None };
        if let Some(v) = o.as_mut() {
            *v *= x[0];
        }
        if let Some(v) = &mut o {
            *v += x[1];
        }
        if let Some(ref mut v) = o {
            *v *= *v;
        }
        let mut pair = Some((x[0], x[1]));
        for i in 0..3 {
            if let Some((a, b)) = &mut pair {
                *a = *a * *b + 0.1;
                *b = b.sin();
            }
            if x[0] < 0.0 && i == 1 {
                pair = None;
            }
        }
        let held = o.as_ref().map_or(1.0, |v| *v);
        pair.map_or(held, |(a, b)| a * b * held)
    }
    #[differentiable(second_order)]
    fn wholes(x: &[f64; 2]) -> f64 {
        let mut best: Option<Best> = None;
        for i in 0..4 {
            let at = [x[0] * i as f64, x[1]];
            let value = at[0] * at[1] + at[1];
            match &mut best {
                Some(best) if value > best.value => {
                    best.value = value;
                    best.at[0] = at[0];
                    best.at[1] *= at[1];
                }
                Some(best) => best.value *= x[1],
                None => best = Some(Best { value, at }),
            }
        }
        let best = best.unwrap();
        best.value * best.at[0] + best.at[1]
    }
    agrees!(scalars, 2, [2.0, 3.0], [-1.0, 2.0], [0.3, -0.4]);
    agrees!(wholes, 2, [2.0, 3.0], [-1.0, 2.0], [0.3, -0.4]);
}

#[test]
fn a_condition_makes_an_option() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let a = (x[0] > 0.5).then_some(x[1] * x[0]).unwrap_or(x[0]);
        let b = (x[0] > 0.2).then(|| x[1].exp()).unwrap_or(0.0);
        let c = (x[1] > 10.0).then(|| x[1].exp());
        let d = c.map_or(x[0], |c| c * x[0]);
        let e = if let Some(v) = (x[1] < 1.0).then_some([x[0], x[1] * x[1]]) { v[0] * v[1] } else { x[0] };
        let g = (x[1] < 1.0).then_some((x[0].sin(), 3)).map_or(0.0, |(v, n)| v.powi(n));
        a * b + d * e + g
    }
    agrees_twice!(f, 2, [0.3, 0.7], [1.4, 1.2], [0.1, 0.4]);

    #[differentiable]
    fn filtered(x: &[f64]) -> f64 {
        let even = x.iter().enumerate().filter_map(|(i, v)| (i % 2 == 0).then_some(v * v)).sum::<f64>();
        even * x.iter().filter_map(|v| (*v > 0.0).then(|| v.ln())).sum::<f64>()
    }
    agrees!(filtered: [0.3, -0.7, 0.4]);
}

#[test]
fn a_function_gives_an_inactive_option() {
    fn look_up(table: &[(u8, f64)], key: u8) -> Option<f64> {
        table.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let table = [(1, 0.5), (2, 1.5)];
        let a = look_up(&table, 2).map(|w| w * x[0]).unwrap_or(x[1]);
        let b = look_up(&table, 9).map_or(x[1] * x[1], |w| w * x[2]);
        let c = look_up(&table, 1).and_then(|w| if w < 1.0 { Some(w * x[2].sin()) } else { None }).unwrap_or_else(|| x[0].exp());
        let d = look_up(&table, 7).map_or_else(|| x[0] * x[2], |w| w * x[1]);
        let e = look_up(&table, 2).filter(|w| *w > 3.0).map(|w| w * x[0]).unwrap_or(1.0);
        let g = look_up(&table, 7).unwrap_or_else(|| x[1].cos());
        a * b + c * d * e + g
    }
    agrees_twice!(f, 3, [0.3, 0.5, -0.7]);
}

#[test]
fn a_written_type_says_which_parts_are_integers() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut nearest: Option<(usize, f64)> = None;
        for (i, v) in x.iter().enumerate() {
            let distance = (v - 0.3).powi(2);
            if nearest.map_or(true, |(_, best)| distance < best) {
                nearest = Some((i, distance));
            }
        }
        match nearest {
            Some((i, distance)) => distance * x[i] + x[(i + 1) % 3],
            None => 0.0,
        }
    }
    agrees_twice!(f, 3, [0.7, 0.5, -0.7]);
}

#[test]
fn a_result_is_matched_as_an_option_is() {
    #[differentiable(wrt(x), second_order)]
    fn parsed(text: &str, x: f64) -> f64 {
        let scale = text.parse().unwrap_or(x);
        let mapped = text.parse::<f64>().map(|k| k * x).unwrap_or(x * x);
        let or_else = text.parse::<f64>().unwrap_or_else(|_| x.sin());
        let both = text.parse::<f64>().map_or_else(|e| x * e.to_string().len() as f64, |k| k + x);
        let matched = match text.parse::<f64>() {
            Ok(k) if k > 2.0 => k * x,
            Ok(_) => x,
            Err(_) => x * x,
        };
        let Ok(n) = text.parse::<i32>() else { return scale * mapped * or_else + both * matched };
        scale * mapped * or_else + both * matched * n as f64
    }
    #[differentiable(wrt(x))]
    fn searched(sorted: &[i32], x: f64) -> f64 {
        match sorted.binary_search(&3) {
            Ok(i) => x * i as f64,
            Err(i) => x * x * i as f64,
        }
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        parsed("1.5", x[0]) + parsed("none", x[1]) * parsed("3", x[0] * x[1])
    }
    #[differentiable]
    fn g(x: &[f64; 2]) -> f64 {
        searched(&[1, 3, 5], x[0]) * searched(&[1, 2, 5], x[1])
    }
    differentiable_tests::agrees_twice!(f, 2, [0.3, 0.7], [1.2, -0.4]);
    differentiable_tests::agrees!(g, 2, [0.3, 0.7], [1.2, -0.4]);
}

#[test]
fn a_closure_gives_one() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize) -> f64 {
        let pick = |i: usize| if i < n { Some(x[i] * x[i]) } else { None };
        let pair = |i: usize| -> Option<(f64, f64)> { if i + 1 < n { Some((x[i], x[i + 1])) } else { None } };
        let first_over = |limit: f64| {
            for (i, v) in x.iter().enumerate() {
                if i < n && *v > limit {
                    return Some((*v, i));
                }
            }
            None
        };
        let third = pick(2);
        let mut s = pick(0).unwrap_or(0.0) + pick(7).unwrap_or(1.0) + pick(1).map_or(3.0, |v| v.sin()) + third.unwrap_or(x[0]);
        for i in 0..n {
            if let Some((p, q)) = pair(i) {
                s += p * q;
            }
            match pair(i + 1) {
                Some((p, _)) if p > 0.5 => s += p.exp(),
                Some(_) => s -= 1.0,
                None => s *= x[0],
            }
        }
        if let Some((v, i)) = first_over(0.5) {
            s *= v * (i as f64 + 1.0);
        }
        match first_over(1.0) {
            Some((v, _)) => s + v * v,
            None => s * x[3],
        }
    }
    for n in 0..5 {
        agrees!(f(n): [0.3, 0.8, -0.4, 1.2], [1.3, -0.6, 0.2, 0.1]);
    }
}

#[test]
fn a_loop_or_a_block_is_left_with_one() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize) -> f64 {
        let mut i = 0;
        let found = loop {
            if i >= n {
                break None;
            }
            if x[i] > 0.5 {
                break Some(x[i] * x[0]);
            }
            i += 1;
        };
        let negative = 'found: {
            for v in &x[..n] {
                if *v < 0.0 {
                    break 'found Some([v.exp(), *v]);
                }
            }
            if n > 3 {
                break 'found None;
            }
            Some([x[1], x[0]])
        };
        found.unwrap_or(x[0]) * negative.map_or(2.0, |[a, b]| a * b)
    }
    for n in 0..5 {
        agrees!(f(n): [0.3, 0.8, -0.4, 1.2], [1.3, 0.6, 0.2, 0.1]);
    }
}

#[test]
fn an_inactive_pattern_leads_to_one() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], at: Option<usize>) -> f64 {
        let chosen = if let Some(i) = at { Some(x[i] * 2.0) } else { None };
        let guarded = match at {
            Some(i) if i > 1 => Some(x[i]),
            Some(i) => Some(x[i] * x[i + 1]),
            None => None,
        };
        chosen.unwrap_or(x[0]) * guarded.unwrap_or(x[1])
    }
    for at in [None, Some(0), Some(2)] {
        agrees!(f(at): [0.3, 0.8, -0.4]);
    }
}

#[test]
fn the_state_of_a_fold_is_one() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize) -> f64 {
        let greatest = x[..n].iter().fold(None, |best: Option<f64>, v| match best {
            Some(b) => Some(b.max(*v)),
            None => Some(*v),
        });
        let even = x.iter().take(n).enumerate().fold(None, |last, (i, v)| if i % 2 == 0 { Some((*v, i)) } else { last });
        let mixed = x.iter().fold(None::<f64>, |state, &v| Some(state.map_or(v, |a| a * 0.5 + v * v)));
        let mut product = None::<f64>;
        for v in &x[..n] {
            product = Some(product.map_or(*v, |p| p * v));
        }
        let even = even.map_or(2.0, |(v, i)| v * (i as f64 + 0.5));
        greatest.unwrap_or(1.0) * even + mixed.unwrap() * product.unwrap_or(x[0])
    }
    for n in 0..5 {
        agrees!(f(n): [0.3, 0.8, -0.4, 1.2]);
    }
}

#[test]
fn several_are_there_in_one_condition() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let (a, b) = (Some(x[0]), if x[1] > 0.0 { Some(2.0 * x[1]) } else { None });
        let y = if let Some(y) = a
            && let Some(z) = b
            && y < z
        {
            y * z
        } else {
            let q = x[2] * x[2];
            let r = q + x[0];
            q * r * r.sin()
        };
        if let Some(z) = b
            && let [first, ..] = &x[1..]
        {
            y * z * first
        } else {
            y * x[0]
        }
    }
    agrees_twice!(f, 3, [0.3, 0.8, -0.4], [0.3, -0.8, 1.4], [2.3, 0.8, 1.4]);
}

#[test]
fn two_options_are_matched_at_once() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let n = 2;
        let a: Option<f64> = if n > 1 { Some(x[0] * x[1]) } else { None };
        let b = if n > 3 { Some(x[2]) } else { None };
        let both = match (a, b) {
            (Some(a), Some(b)) => a * b,
            (Some(a), None) => a * a,
            (None, Some(b)) => b,
            (None, None) => 0.0,
        };
        let mut c = a;
        let changed = match (c, a) {
            (Some(v), Some(w)) => {
                c = Some(w * w);
                v * w * c.unwrap()
            }
            _ => 0.0,
        };
        both + changed
            + match (a, Some(x[2])) {
                (Some(a), Some(b)) if a > b => a - b,
                (Some(a), Some(b)) => a * b,
                _ => 1.0,
            }
    }
    agrees_twice!(f, 3, [0.3, 0.7, 1.1], [1.3, 2.0, 0.1]);
}

#[test]
fn inactive_options_in_sequences_are_mapped() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], o: &[Option<f64>]) -> f64 {
        let mut s = 0.0;
        for i in 0..o.len() {
            s += o[i].map(|v| v * x[0]).filter(|v| *v > 0.1).unwrap_or(x[1]);
        }
        for v in o {
            s += v.map(|v| v * x[2]).unwrap_or(0.0) * x[0];
        }
        for v in o.iter() {
            if let Some(y) = v.map(|v| v * x[2]) {
                s += y * x[0];
            }
        }
        let c: Option<f64> = o[0].map(|v| v * x[2]);
        if let Some(c) = c { s + c * c } else { s }
    }
    let o = [Some(2.0), None, Some(0.2)];
    agrees!(f(&o): [0.3, 0.7, 1.1], [0.8, 0.2, 0.4]);
}

#[test]
fn two_options_are_zipped() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let n = x.len();
        let a = if n > 1 { Some(x[0] * x[1]) } else { None };
        let k: Option<f64> = (n > 2).then_some(2.0);
        let none: Option<f64> = None;
        let both = x.first().zip(x.last()).map(|(a, b)| a * b).unwrap_or(0.5);
        let beside = a.zip(x.get(7)).map_or(x[1] * x[1], |(a, b)| a * b);
        let scaled = k.zip(a).map(|(k, a)| k * a * a).unwrap_or(1.0);
        let mut zipped = a.zip(a);
        if let Some((p, q)) = zipped {
            zipped = Some((q * q, p));
        }
        let absent = none.zip(a).map_or(x[2], |(k, a)| k * a);
        zipped.map_or(0.0, |(p, q)| p * q) + both + beside * scaled + absent * x[0]
    }
    agrees_twice!(f, 3, [0.3, 0.7, 1.1]);
}

#[test]
fn a_copy_of_an_option_stays_when_the_option_changes() {
    #[differentiable]
    fn the_last_one(x: &[f64; 5]) -> f64 {
        let y = x[4];
        let mut previous: Option<f64> = None;
        let mut s = 0.0;
        for v in x {
            let last = previous;
            previous = Some(v * y);
            if let Some(p) = last {
                s += p * v;
            }
        }
        s
    }
    #[differentiable]
    fn overwritten(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some(x * y);
        let p = o;
        let r = o.as_ref().copied();
        o = Some(y);
        p.unwrap() + o.unwrap() + r.unwrap()
    }
    #[differentiable]
    fn exchanged(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some(x * y);
        let mut p = if x > 100.0 { None } else { Some(x.sin()) };
        let t = o;
        o = p;
        p = t;
        o.map_or(0.0, |o| o * x) + p.map_or(0.0, |p| p * p)
    }
    #[differentiable]
    fn mapped_onto_itself(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some(x * y);
        let before = o;
        o = o.map(|v| v * v);
        let (p, q) = (o, y);
        o = o.filter(|v| *v > 100.0);
        before.unwrap() * q + p.unwrap() * o.unwrap_or(x)
    }
    #[differentiable]
    fn taken_apart(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some(x * y);
        let mut s = 0.0;
        if let Some(p) = o {
            o = Some(y);
            s += p * p;
        }
        match o {
            Some(p) => {
                o = None;
                s += p * x;
            }
            None => s += 1.0,
        }
        s * o.unwrap_or(3.0)
    }
    #[differentiable]
    fn of_pairs(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some((x * y, [x, y]));
        let p = o;
        o = Some((y, [y, y * x]));
        let array = o;
        if let Some((a, b)) = &mut o {
            *a *= 2.0;
            b[0] *= *a;
        }
        let sum = |o: Option<(f64, [f64; 2])>| o.map_or(0.0, |(a, b)| a + b[0] * b[1]);
        sum(p) * sum(o) + sum(array)
    }
    #[differentiable]
    fn of_structs(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some(Pair { a: x, b: [y, x * y] });
        let p = o;
        if let Some(pair) = o.as_mut() {
            pair.a *= y;
        }
        let q = o;
        o = None;
        let value = |o: Option<Pair>| o.map_or(0.0, |o| o.a * o.b[1]);
        value(p) + value(q) * x + value(o)
    }
    #[differentiable]
    fn with_the_condition(x: &[f64; 4]) -> f64 {
        let y = x[3];
        let mut i = 0;
        let mut s = 0.0;
        let first = x.get(i).copied();
        i += 2;
        let third = x.get(i);
        i += 2;
        let none = x.get(i);
        s += first.unwrap_or(y) * third.copied().unwrap_or(y * y) * none.copied().unwrap_or(y * y * y);
        let mut there = i > 3;
        let o = there.then_some(y);
        there = !there;
        s + o.unwrap_or(1.0) * if there { x[0] } else { x[1] }
    }
    #[differentiable]
    fn by_reference(p: &[f64; 2]) -> f64 {
        let [x, y] = *p;
        let mut o = Some(x * y);
        let before = o;
        if let Some(ref mut p) = o {
            *p *= x;
        }
        match o {
            Some(ref mut p) if x < 100.0 => *p += y,
            _ => {}
        }
        let mut pair = Some((x, [x, y]));
        if let Some((ref mut a, b)) = pair {
            *a *= b[1];
        }
        before.unwrap() * o.unwrap() + pair.unwrap().0
    }
    agrees!(by_reference: [0.3, 0.7]);
    agrees!(the_last_one: [0.7, 1.3, -0.4, 2.1, 0.9]);
    agrees!(overwritten: [0.3, 0.7]);
    agrees!(exchanged: [0.3, 0.7]);
    agrees!(mapped_onto_itself: [0.3, 0.7]);
    agrees!(taken_apart: [0.3, 0.7]);
    agrees!(of_pairs: [0.3, 0.7]);
    agrees!(of_structs: [0.3, 0.7]);
    agrees!(with_the_condition: [0.3, 0.4, 0.9, 0.7]);
}

#[test]
fn what_is_always_none_stands_beside_other_options() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let o = if x[0] > 0.5 { Some(x[0] * x[1]) } else { None };
        let p = match o {
            Some(v) => v,
            None => x[1],
        };
        let r: Option<f64> = None;
        p + r.unwrap_or(x[1] * x[1]) * r.map_or(x[0], |v| v * p) + r.unwrap_or_else(|| x[0].sin())
    }
    agrees!(f: [0.3, 0.7], [0.8, 0.7]);
}

#[test]
fn variants_are_named_with_their_type() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let o = if x[0] > 0.5 { Option::Some(x[0] * x[1]) } else { Option::None };
        let p = match o {
            Option::Some(v) => v,
            Option::None => x[1],
        };
        p + Option::Some(x[0]).map(|v| v * x[1]).unwrap()
    }
    agrees!(f: [0.3, 0.7], [0.8, 0.7]);
}
