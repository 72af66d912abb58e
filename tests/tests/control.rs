//! Branches, matches, loops and jumps, alone and inside of each other, in both modes against differences.

#![allow(
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
    clippy::manual_swap,
    clippy::useless_vec,
    clippy::never_loop,
    clippy::redundant_pattern_matching,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn chains_of_if_as_a_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let a = x[0];
        let y = if a > 1.0 {
            a * a
        } else if a < 0.0 {
            let t = a * x[1];
            t.sin()
        } else {
            a.exp()
        };
        y * x[1]
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.3], [-1.0, 0.2]);
}

#[test]
fn labelled_blocks_with_a_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = 'out: {
            if x[0] > 1.0 {
                break 'out x[0] * x[1];
            }
            if x[0] < 0.0 {
                break 'out x[0].sin();
            }
            x[0].exp() * x[1]
        };
        y * y
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.3], [-1.0, 0.2]);
}

#[test]
fn let_else_on_what_a_slice_holds() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let Some(first) = x.first() else { return 0.0 };
        let [_, second] = x else { return *first };
        first * second * second
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.3]);
}

#[test]
fn if_let_after_if_let() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let n: Option<usize> = None;
        let m: Result<i32, i32> = Err(3);
        if let Some(i) = n {
            x[i]
        } else if let Err(k) = m {
            x[0] * k as f64 * x[1]
        } else {
            0.0
        }
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.3]);
}

#[test]
fn matches_of_tuples_with_guards() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        match (x[0], x[1]) {
            (a, b) if a > b && a > 2.5 => a * b,
            (a, b) if a > b => a * a * b,
            (a, _) if a < 0.0 => a.sin(),
            (_, b) => b * b,
        }
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.3], [-1.0, -0.2], [3.0, 2.9]);
}

#[test]
fn matches_that_take_structs_apart() {
    #[derive(Clone, Differentiable)]
    struct P {
        a: f64,
        b: [f64; 2],
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let p = P { a: x[0] * x[1], b: [x[0], x[1].sin()] };
        match p {
            P { a, b: [u, v] } if a > 0.5 => a * u * v,
            P { a, .. } => a * a,
        }
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.3]);
}

#[test]
fn alternatives_of_integers() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let t = (x[0] * x[1], 2usize, x[0]);
        match t {
            (a, 1 | 2, b) => a * b,
            (a, _, _) => a,
        }
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.3]);
}

#[test]
fn alternatives_that_bind_active_values() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let t = (x[0] * x[1], 2usize, x[0]);
        match t {
            (a, 1, _) | (_, 2, a) => a * a,
            (a, _, b) if b > 0.0 => a,
            _ => 0.0,
        }
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.3]);
}

#[test]
fn matches_of_floats_by_range() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        match x[0] {
            v @ 0.0..=1.0 => v * x[1],
            v if v < 0.0 => v * v,
            3.0.. => x[0].ln(),
            _ => 0.0,
        }
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.3], [3.5, 1.0]);
}

#[test]
fn a_return_in_the_value_of_a_let() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = if x[0] < 0.0 {
            return x[1] * x[1];
        } else {
            x[0].sqrt()
        };
        y * x[1]
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.3]);
}

#[test]
fn continue_and_break_in_the_value_of_a_let() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = 1.0;
        for i in 0..4usize {
            let v = match i {
                0 => x[0],
                1 => continue,
                2 => x[1] * s,
                _ => break,
            };
            s += v * v;
        }
        s
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.3]);
}

#[test]
fn jumps_where_an_option_is_none() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let ks = [Some(1usize), None, Some(0)];
        let mut s = 1.0;
        for k in ks {
            let v = match k {
                Some(k) => x[k],
                None => continue,
            };
            let w = if let Some(k) = k { x[1 - k] } else { return 0.0 };
            s = s * v + w;
        }
        s
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.3]);
}

#[test]
fn triangular_loops() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let mut s = 0.0;
        for i in 0..n {
            for j in i + 1..n {
                for k in j..n {
                    s += x[i] * x[j].sin() * x[k];
                }
            }
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9, 0.1]);
}

#[test]
fn while_let_on_a_stack_of_indices() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut stack = vec![0usize];
        let mut s = 1.0;
        while let Some(i) = stack.pop() {
            if i >= x.len() {
                continue;
            }
            s = s * x[i].cos() + x[i];
            stack.push(2 * i + 1);
            if i % 2 == 0 {
                stack.push(2 * i + 2);
            }
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9, 0.1]);
}

#[test]
fn a_return_from_nested_loops_over_chunks() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 0.0;
        for c in x.chunks(2) {
            for v in c {
                if *v > 3.0 {
                    return s * v;
                }
                s += v * v * (1.0 + s);
            }
            s *= 1.1;
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7, 0.8, 0.9], [0.4, 1.2, 0.3, 0.7, 3.8, 0.9], [4.1, 1.0, 1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn continue_and_break_by_label() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut s = 1.0;
        'outer: for i in 0..4 {
            for j in 0..4 {
                if j > i {
                    continue 'outer;
                }
                if s * x[j] > 1.5 {
                    break 'outer;
                }
                s += x[i] * x[j] * s;
            }
            s *= 0.5;
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7], [0.9, 0.95, 1.2, 0.1]);
}

#[test]
fn loops_that_break_with_a_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut t = x[0];
        let mut n = 0;
        let r = loop {
            t = 0.5 * (t + x[1] / t);
            n += 1;
            if n > 5 {
                break t * x[0];
            }
            if t > 100.0 {
                break 0.0;
            }
        };
        r * r
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.7]);
}

#[test]
fn while_with_carried_state() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let (mut a, mut s, mut k) = (x[0], 0.0, 0);
        while a.abs() < 10.0 && k < 20 {
            a = a * a * 0.5 + x[1];
            s += a / (k as f64 + 1.0);
            k += 1;
        }
        s
    }
    agrees!(f: [0.4, 1.2], [2.0, 0.7]);
}

#[test]
fn while_over_indices_with_continue() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut i = 0;
        let mut s = 1.0;
        while i < x.len() {
            let j = i;
            i += 1;
            if x[j] < 0.0 {
                continue;
            }
            s *= x[j];
        }
        s
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn ranges_with_a_step_and_in_reverse() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 0.0;
        for i in (0..x.len()).rev().step_by(2) {
            s = s * 0.5 + x[i];
        }
        for i in (1..x.len()).step_by(2).rev() {
            s *= x[i];
        }
        for i in (0..=3).rev() {
            s += x[i] * s;
        }
        s
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.7, 0.5]);
}

#[test]
fn shadowing_in_blocks_and_loops() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let a = x[0];
        let a = {
            let a = a * x[1];
            let a = a.sin();
            a * a
        };
        let s = {
            let mut s = a;
            for a in 0..3 {
                let s2 = s * a as f64;
                s += s2 * x[0];
            }
            s
        };
        let x = [s, a];
        x[0] * x[1]
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn variables_that_are_filled_later() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y;
        let z: f64;
        if x[0] > 1.0 {
            y = x[0] * x[1];
            z = 1.0;
        } else {
            y = x[1].sin();
            z = y * y;
        }
        let (a, b);
        (a, b) = (y + z, y - z);
        a * b
    }
    agrees!(f: [0.4, 1.2], [1.5, 0.3]);
}

#[test]
fn closures_that_return_early() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let g = |a: f64, b: f64| {
            if a < 0.0 {
                return a * b;
            }
            let c = a * a;
            if c > 0.1 {
                return c * b;
            }
            c
        };
        g(x[0], x[1]) + g(x[1], x[0]) * g(-x[0], x[1])
    }
    agrees!(f: [0.4, 1.2], [-0.4, 0.9]);
}

#[test]
fn closures_that_assign_what_they_capture() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut total = 0.0;
        let mut count = 0;
        let mut add = |v: f64, w: f64| {
            total += v * w;
            count += 1;
            total
        };
        let a = add(x[0], x[1]);
        let b = add(a, x[2]);
        for v in x {
            add(*v, b);
        }
        total * count as f64
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn closures_that_call_closures() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let g = |a: f64| a * x[1];
        let h = |a: f64, k: usize| {
            let mut s = a;
            for _ in 0..k {
                s = g(s).sin();
                if s > 0.9 {
                    return s * 2.0;
                }
            }
            s
        };
        let arr = [h(x[0], 1), h(x[2], 3)];
        let poly = |c: &[f64; 2], t: f64| c[0] + c[1] * t;
        let swap = |(a, b): (f64, f64)| (b, a);
        let (p, q) = swap((arr[0], arr[1]));
        poly(&arr, x[0]) + p / q
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn closures_and_functions_by_name() {
    #[differentiable]
    fn sq(x: f64) -> f64 {
        x * x
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let act = |v: f64| if v > 1.0 { sq(v) } else { v.exp() };
        let s: f64 = x.iter().map(|&v| sq(v)).sum::<f64>() + x.iter().copied().map(sq).sum::<f64>();
        let t: f64 = x.iter().copied().map(act).product();
        let u: f64 = x.iter().map(|v| v.sin()).map(f64::exp).sum();
        s * t + u
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn enums_without_active_values() {
    #[derive(Clone, Copy, PartialEq)]
    enum Act {
        Tanh,
        Relu,
        Id,
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let acts = [Act::Tanh, Act::Relu, Act::Id];
        let mut s = 0.0;
        for a in acts {
            s += match a {
                Act::Tanh => x[0].tanh(),
                Act::Relu => x[1].max(0.0),
                Act::Id => x[0] * x[1],
            };
        }
        for a in &acts {
            if *a == Act::Tanh {
                s *= x[0];
            }
        }
        s
    }
    agrees!(f: [0.4, 1.2], [1.5, 0.3]);
}

#[test]
fn options_of_active_values() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let o = if x[0] > 1.0 { Some(x[0] * x[1]) } else { None };
        let p = o.map(|v| v * v).unwrap_or(x[1]);
        match o {
            Some(v) => v + p,
            None => p * x[0],
        }
    }
    agrees!(f: [0.4, 1.2], [1.5, 0.3]);
}

#[test]
fn recursion_over_halves_of_a_slice() {
    #[differentiable]
    fn tree(x: &[f64]) -> f64 {
        match x {
            [] => 1.0,
            [a] => a.sin(),
            _ => {
                let (l, r) = x.split_at(x.len() / 2);
                tree(l) * tree(r) + l[0]
            }
        }
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        tree(x) * tree(&x[1..])
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.2, 1.1]);
}

#[test]
fn a_while_let_takes_what_is_there_as_long_as_something_is() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let (mut i, mut sum) = (0, 1.0);
        while let Some(v) = x.get(i) {
            i += 1;
            if *v < 0.0 {
                continue;
            }
            sum = sum * v + i as f64;
            if sum > 50.0 {
                break;
            }
        }
        let mut once = Some(sum * x[0]);
        while let Some(v) = once {
            sum += v * v;
            once = None;
        }
        sum
    }
    agrees!(f, 3, [0.7, 1.4, 0.2], [0.7, -1.4, 0.2], [9.0, 9.0, 0.2]);
}

#[test]
fn a_tuple_inside_of_a_tuple_is_assigned() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let (mut a, mut b, c) = (x[0], x[1], 2);
        (a, (b, _)) = (a * b, (b + x[2], c));
        ((a, _), b) = ((b, a), a);
        a * a - b
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
}

#[test]
fn what_an_option_holds_is_indexed_and_iterated_where_it_stands() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let rows = vec![vec![x[0]; 2], vec![x[1], x[2]]];
        let sum: f64 = rows.last().expect("there are rows").iter().sum();
        rows.last().unwrap()[0] * rows.first().unwrap()[1] + rows.get(1).unwrap()[1] * sum
    }
    agrees!(f, 3, [0.7, 1.4, 0.2]);
}

#[test]
fn both_values_of_sin_cos_by_its_path() {
    #[differentiable]
    fn generic<T: Real>(x: T) -> T {
        let (sine, cosine) = T::sin_cos(2.0 * x);
        sine * cosine * 0.5
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let (sine, cosine) = f64::sin_cos(x[0]);
        let both = Real::sin_cos(x[1] * sine);
        sine * cosine + both.0 * both.1 + generic(x[0]) + f64::sin_cos(x[1]).1
    }
    agrees!(f, 2, [0.7, 1.4]);
}

#[test]
fn several_patterns_and_conditions_in_one_if() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], first: Option<usize>, second: Option<usize>) -> f64 {
        let mut s = x[0];
        if x[1] > 0.0
            && let Some(a) = first
        {
            s *= x[1] * a as f64;
        }
        if let Some(a) = first
            && let Some(b) = second
            && a > b
        {
            s = s.sin() * x[b];
        } else if first.is_some()
            && let Some(b) = second
        {
            s += x[b];
        }
        s
    }
    for (first, second) in [(Some(3), Some(1)), (Some(1), Some(2)), (None, Some(1)), (Some(2), None)] {
        agrees!(f(first, second): [0.8, 0.3, 0.7], [-1.2, -0.5, 0.4]);
    }
}

#[test]
fn a_pattern_and_a_condition_in_one_if() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let table = [Some(2), None, Some(5), Some(7)];
        let mut s = 0.0;
        for (i, entry) in table.iter().enumerate() {
            if let Some(k) = entry
                && *k > 2
                && i < 3
            {
                s += x[0].powi(*k);
            } else if let Some(k) = entry {
                s += x[1] * *k as f64;
            } else {
                s += x[i % 2] * s;
            }
        }
        let last = if let Some(Some(k)) = table.last()
            && s > 0.0
        {
            x[0] * *k as f64
        } else {
            x[1]
        };
        s * last
    }
    agrees!(f, 2, [0.8, 0.3], [-1.2, -0.5]);
}

#[test]
fn closures_over_active_values_are_called_where_only_comparisons_follow() {
    #[differentiable(second_order)]
    fn bisected(x: &[f64; 2]) -> f64 {
        let value = |v: f64| x[0] * v.exp() - 1.5;
        let (mut low, mut high) = (0.0, 3.0);
        for _ in 0..3 {
            let middle = 0.5 * (low + high);
            if value(middle) > 0.0 { high = middle } else { low = middle }
        }
        value(low + x[1]) * x[1]
    }
    agrees_twice!(bisected, 2, [0.7, 0.3], [0.2, 1.1]);
    #[differentiable(second_order)]
    fn counted(x: &[f64; 2]) -> f64 {
        let scale = 1.0 + x[1] * x[1];
        let inner = |v: f64| scale * v.sin();
        let outer = |v: f64| inner(v) + x[0];
        let mut n = 0;
        while outer(n as f64 * 0.1) < 1.0 && n < 9 {
            n += 1;
        }
        let above = (0..6).filter(|k| outer(f64::from(*k)) > inner(1.0)).count();
        let is_large = outer(0.5) > 0.8;
        assert!(inner(0.25) < 10.0);
        let weight = if is_large { 2.0 } else { 3.0 };
        outer(x[0]) * (n + above) as f64 * weight
    }
    agrees_twice!(counted, 2, [0.7, 0.3], [0.2, 1.1], [0.1, 0.05]);
    #[differentiable(second_order)]
    fn moved(x: &[f64; 2]) -> f64 {
        let mut y = x[0];
        let taken = vec![x[1], 2.0 * x[1]];
        let then = move |v: f64| y * v + taken.iter().sum::<f64>();
        y = x[1] * x[1];
        let first = then(0.5) > 1.0;
        let second = then(0.25) > y;
        let factor = f64::from(u8::from(first) + 2 * u8::from(second) + 1);
        then(y) * factor + y
    }
    agrees_twice!(moved, 2, [0.7, 0.3], [0.2, 1.1], [2.0, 0.05]);
}

#[test]
fn a_pattern_on_active_values_stands_anywhere_in_a_condition() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], chosen: bool, at: Option<usize>) -> f64 {
        let mut best: Option<f64> = None;
        for v in x {
            if chosen
                && let Some(b) = best
                && b > *v
            {
                continue;
            }
            best = Some(v * x[0]);
        }
        let mut s = if chosen && let Some(b) = best { b * b } else { x[1] };
        if let Some(i) = at
            && let Some(v) = x.get(i)
            && *v > 0.0
            && let Some(w) = x.get(i + 1)
        {
            s += v * w;
        } else if chosen {
            s -= x[2];
        } else {
            s *= 2.0;
        }
        let mut i = 0;
        while i < 3
            && let Some(v) = x.get(i)
        {
            s += v * v * (i as f64);
            i += 1;
        }
        let o = if let Some(i) = at
            && let Some(v) = x.get(i)
        {
            Some(v * 2.0)
        } else {
            None
        };
        s * o.unwrap_or(x[0])
    }
    for at in [None, Some(0), Some(2), Some(3), Some(9)] {
        for chosen in [false, true] {
            agrees!(f(chosen, at): [0.3, 0.8, -0.4, 1.2], [1.3, -0.8, 0.4, 0.2]);
        }
    }
}

#[test]
fn loops_are_left_beside_patterns_on_active_values() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize, limit: f64) -> f64 {
        let mut s = x[0];
        'rows: for i in 0..3 {
            let mut before: Option<f64> = None;
            for (j, v) in x.iter().enumerate() {
                if j == n {
                    continue 'rows;
                }
                if j > 0
                    && let Some(p) = before
                    && p * v < limit
                {
                    if i == 2 {
                        break 'rows;
                    }
                    if let Some(q) = x.get(j + 1)
                        && i > 0
                        && let Some(r) = x.get(j + n)
                    {
                        s += q * r;
                        continue;
                    } else {
                        s += 0.1 * p;
                    }
                    s *= v.cos();
                } else if let Some(p) = before
                    && p > 0.87
                {
                    before = None;
                    continue;
                } else {
                    s += v * v * (i as f64);
                }
                before = Some(v + 0.1);
            }
            s += 1.0;
        }
        s
    }
    for n in 0..5 {
        for limit in [-1.0, 0.1, 0.3, 2.0] {
            agrees!(f(n, limit): [0.3, 0.8, -0.4, 1.2], [1.3, -0.8, 0.41, 0.2]);
        }
    }
}

#[test]
fn an_item_is_taken_and_looked_at_in_one_condition() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize) -> f64 {
        let mut items = x.iter().skip(n);
        let mut s = 1.0;
        if let Some(v) = items.next()
            && *v > 0.0
        {
            s += v * v;
        }
        while let Some(v) = items.next()
            && *v < 1.0
        {
            s += v.exp();
        }
        s + if n < 2
            && let Some(v) = items.next()
        {
            v * v
        } else {
            2.0 * x[1]
        }
    }
    for n in 0..5 {
        agrees!(f(n): [0.3, 0.8, 1.4, 1.2], [-1.3, 1.8, 0.4, 0.2], [0.2, 0.3, 0.4, 0.5]);
    }
}

#[test]
fn blocks_are_left_with_values_inside_of_expressions() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize, limit: f64) -> f64 {
        let o = if n > 1 { Some(x[0] * limit) } else { None };
        let y = match n {
            0 => 'a: {
                if limit > 0.2 {
                    break 'a x[1];
                }
                let q = x[2];
                q * q
            }
            1 => 1.5,
            _ => x[0],
        };
        let z = x[0]
            * 'b: {
                if limit > 0.2 {
                    break 'b y;
                }
                let q = y * x[2];
                q * q
            };
        let g = |v: f64| 'c: {
            if v > 0.5 {
                break 'c v * v;
            }
            if n == 1 {
                break 'c v * limit;
            }
            v.sin()
        };
        let chosen = if n > 0
            && let Some(w) = o
        {
            w * y
        } else {
            let k = x[2];
            let z = k * 2.0;
            z * z * z + k
        };
        let last = 'd: {
            let Some(w) = o else { break 'd x[3] };
            w * z
        };
        g(x[0]) + g(x[1]) * z + y.exp() * chosen + last
    }
    for n in 0..4 {
        for limit in [-1.0, 0.1, 0.3, 2.0] {
            agrees!(f(n, limit): [0.3, 0.8, -0.4, 1.2]);
        }
    }
}

#[test]
fn blocks_and_choices_give_a_loop_what_it_goes_through() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 1.0;
        for i in {
            let n = x.len();
            0..n
        } {
            s += x[i] * s;
        }
        for i in if x.len() > 3 { 1..3 } else { 0..x.len() } {
            s *= 1.0 + x[i] * i as f64;
        }
        let part = match x.len() {
            1 => 0..=0,
            n if n > 3 => 1..=2,
            n => 0..=n - 1,
        };
        for i in part {
            s += x[i] * x[i] * s;
        }
        s
    }
    #[differentiable]
    fn g(x: &[f64]) -> f64 {
        let mut count = 0;
        let (mut s, mut n) = (1.0, 0);
        'all: for v in {
            count += 1;
            let first = count - 1;
            &x[first..]
        } {
            for w in {
                n += 2;
                x.iter().rev()
            } {
                if n > 5 {
                    break 'all;
                }
                s += v * w * s;
            }
        }
        s * count as f64 * n as f64
    }
    agrees!(f: [0.3], [0.3, 0.7], [0.3, 0.7, 1.1, 0.2, 0.9, 0.4, 0.6]);
    agrees!(g: [0.3], [0.3, 0.7], [0.3, 0.7, 1.1, 0.2, 0.9, 0.4, 0.6]);
}

#[test]
fn a_loop_gives_a_variable_its_first_value() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], most: f64) -> f64 {
        let t;
        loop {
            t = x[0] * x[0];
            break;
        }
        let (at, value);
        let mut i = 0;
        loop {
            if x[i] > most || i + 1 == x.len() {
                at = i;
                value = x[i] * t;
                break;
            }
            i += 1;
        }
        let mut last;
        let mut k = 0;
        loop {
            last = [x[k] * t, x[k].sin()];
            if last[0] > 0.5 || k + 1 == x.len() {
                break;
            }
            k += 1;
        }
        value * t * (at + 1) as f64 + last[0] * last[1]
    }
    #[differentiable]
    fn g(x: &[f64], n: usize) -> f64 {
        let found: f64;
        for (i, v) in x.iter().enumerate() {
            if i == n {
                found = v * v;
                return found * found * x[0];
            }
        }
        x[0]
    }
    for most in [0.1, 0.5, 2.0] {
        agrees!(f(most): [0.3], [0.3, 0.7, 1.1, 0.2]);
    }
    for n in 0..5 {
        agrees!(g(n): [0.3], [0.3, 0.7, 1.1, 0.2]);
    }
}

#[test]
fn a_loop_over_some_items_is_left_by_what_it_binds() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = 1.0;
        for v in x.iter().filter(|v| **v > 0.25) {
            s += v * s;
            let twice = 2.0 * v;
            if twice > 1.5 {
                break;
            }
        }
        let mut seen = 0;
        for (a, b) in x.iter().zip(x.iter().skip(1).inspect(|_| seen += 1)) {
            if a > b {
                break;
            }
        }
        for (i, v) in x.iter().filter(|v| **v > 0.25).enumerate() {
            seen += 1;
            if i as f64 > *v {
                break;
            }
        }
        s * seen as f64
    }
    agrees!(f: [0.3, 0.7], [0.2, 0.7, 1.1, 0.3, 0.9], [0.1, 0.3, 0.4, 0.5, 0.2, 0.8, 0.7]);
}

#[test]
fn patterns_that_bind_nothing_are_conditions() {
    #[differentiable]
    fn f(x: &[f64], n: usize, o: Option<usize>) -> f64 {
        let order = n.cmp(&2);
        let mut s = if let 1 = n { x[0] } else { x[0] * x[1] };
        s += if x[0] > 0.5 {
            x[1]
        } else if let None = o {
            x[0]
        } else if let Some(_) = o {
            x[0].exp()
        } else {
            0.0
        };
        if let std::cmp::Ordering::Less = order {
            s *= x[1];
        }
        for i in 0..3 {
            if let 1.. = i {
                s *= x[0];
            }
            if let Some(2) = o {
                s += x[0] * s;
            } else {
                s += x[1];
            }
        }
        s
    }
    for n in 0..4 {
        for o in [None, Some(1), Some(2)] {
            agrees!(f(n, o): [0.3, 0.8], [0.9, 0.8]);
        }
    }
}

#[test]
fn sixty_arms_are_differentiated() {
    macro_rules! arms {
        ($($k:literal)*) => {
            #[differentiable]
            fn f(x: &[f64], codes: &[usize]) -> f64 {
                let mut s = x[0];
                for code in codes {
                    s += match code {
                        $($k => (x[0] * s + $k as f64).sin() * s.exp(),)*
                        _ => x[0],
                    };
                }
                s
            }
        };
    }
    arms!(
        0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
        40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59
    );
    for code in 0..62 {
        agrees!(f(&[code, 59 - code / 2, code / 3]): [0.1]);
    }
}
