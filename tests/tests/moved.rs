//! Inactive lists that change, or are moved away, after loops and calls have read them.

#![allow(clippy::all, reason = "the forms are what is tested")]

use std::collections::BTreeMap;

use differentiable::prelude::*;
use differentiable_tests::agrees;
use differentiable_tests::agrees_twice;

const POINT: [f64; 2] = [0.7, 1.3];

/// Declares functions of two numbers, and compares their derivatives.
macro_rules! each_agrees {
    ($($name:ident($w:ident) $body:block)*) => {
        $(
            #[differentiable(second_order)]
            fn $name($w: &[f64; 2]) -> f64 $body
        )*
        $( agrees_twice!($name, 2, POINT); )*
    };
}

fn consume(v: Vec<f64>) -> f64 {
    v.len() as f64
}

#[differentiable(wrt(w), second_order)]
fn dot(w: &[f64], v: &[f64]) -> f64 {
    w.iter().zip(v).map(|(a, b)| a * b * b).sum()
}

#[test]
fn a_list_changes_after_a_loop() {
    each_agrees! {
        over_references(w) {
            let mut a = vec![1.0, 2.0];
            let mut s = 1.0;
            for v in &a { s *= v * w[0]; }
            a.push(1.0);
            for v in a.iter() { s *= v * w[1]; }
            a.clear();
            s * (1.0 + a.len() as f64)
        }
        beside_active_numbers(w) {
            let mut a = vec![1.0, 2.0];
            let mut s = 1.0;
            for (v, u) in a.iter().zip(w) { s *= v * u; }
            a[0] = 4.0;
            for (i, v) in a.iter().enumerate() { s *= v * w[i]; }
            a.sort_by(|a, b| a.total_cmp(b));
            s * a[0] * w[0]
        }
        in_a_chain(w) {
            let mut a = vec![1.0, 2.0];
            let s: f64 = a.iter().map(|v| v * w[0] * w[1]).sum();
            a.push(1.0);
            let t = a.iter().fold(w[0], |t, v| t.sin() * v);
            a.pop();
            s * t * a[1]
        }
        in_each_iteration(w) {
            let mut a = vec![1.0];
            let mut s = w[0];
            for i in 0..3 {
                for v in &a { s = s.sin() * v * w[1]; }
                a.push(0.5 - 0.1 * i as f64);
            }
            for i in 0..3 {
                for v in a.iter().rev() { s = s.sin() * v * w[1]; }
                a.clear();
                a.push(0.5 - 0.1 * i as f64);
            }
            s
        }
        of_rows(w) {
            let mut a = vec![vec![3.0, 1.0], vec![2.0, 5.0]];
            let mut s = w[0];
            for r in &a {
                for (v, u) in r.iter().zip(w) { s *= v * u; }
                s *= r[0] * w[1];
            }
            a.pop();
            s * w[0] * a.len() as f64
        }
    }
}

#[test]
fn a_list_changes_after_a_reference_has_named_it() {
    each_agrees! {
        and_an_element(w) {
            let mut a = vec![1.0, 2.0];
            let t = &a;
            let s = t[0] * w[0] * w[1];
            a[0] = 2.0;
            s * a[0] * w[0]
        }
        and_a_loop(w) {
            let mut a = vec![1.0, 2.0];
            let t = &a;
            let mut s = 1.0;
            for v in t { s *= v * w[0]; }
            for i in 0..t.len() { s *= t[i] * w[1]; }
            a.push(2.0);
            s * a[2] * w[0]
        }
        and_a_call(w) {
            let mut a = vec![1.0, 2.0];
            let t = &a;
            let s = dot(w, t);
            a[0] = 2.0;
            let t = a.as_slice();
            let u = dot(w, t) * t[1];
            a[0] = 3.0;
            s * s * u * a[0]
        }
        and_a_row(w) {
            let mut a = vec![vec![3.0, 1.0], vec![2.0, 5.0]];
            let n = a.len() - 1;
            let r = &a[n];
            let s = dot(w, r) * r[1] * w[0];
            a.pop();
            s * w[0] * a[0][0]
        }
    }
}

#[test]
fn a_list_is_moved_away() {
    each_agrees! {
        into_a_function(w) {
            let v = vec![1.0, 2.0];
            let mut s = 1.0;
            for (a, b) in v.iter().zip(w) { s *= a * b; }
            for a in &v { s *= a * w[0]; }
            for i in 0..2 { s *= v[i] * w[i]; }
            let n = consume(v);
            s * n
        }
        into_another_list(w) {
            let mut groups = Vec::new();
            let mut s = 1.0;
            for i in 0..2 {
                let v = vec![1.0 + i as f64, 2.0];
                for a in &v { s *= a * w[i]; }
                groups.push(v);
            }
            s * groups.len() as f64
        }
        to_another_name(w) {
            let v = vec![1.0, 2.0];
            let s = v[0] * w[0] * w[1];
            let u = v;
            s * u[1] * w[0]
        }
        into_a_closure(w) {
            let v = vec![1.0, 2.0];
            let s = v[0] * w[0] * w[1];
            let g = move |i: usize| v[i];
            s * g(1) * w[0]
        }
        by_hand(w) {
            let v = vec![1.0, 2.0];
            let s = v[0] * w[0] * dot(w, &v);
            drop(v);
            s * w[0]
        }
        into_an_iterator(w) {
            let v: Vec<usize> = (0..2).collect();
            let mut s = 1.0;
            for i in &v { s *= w[*i] * w[*i]; }
            let n = v.into_iter().sum::<usize>();
            s * n as f64
        }
        into_a_map(w) {
            let mut map = BTreeMap::new();
            let v = vec![1.0, 2.0];
            let s = v[0] * w[0] * w[1];
            map.insert(0, v);
            s * w[0] * map[&0][1]
        }
    }
}

#[test]
fn a_parameter_is_moved_away() {
    #[differentiable(wrt(w), second_order)]
    fn by_value(w: &[f64; 2], v: Vec<f64>) -> f64 {
        let mut s = v[0] * w[0] * w[1];
        for (a, b) in v.iter().zip(w) {
            s *= a * b;
        }
        let n = consume(v);
        s * n
    }
    #[differentiable(second_order)]
    fn called(w: &[f64; 2]) -> f64 {
        by_value(w, vec![1.5, 2.0])
    }
    agrees_twice!(called, 2, POINT);
}

struct Own {
    list: Vec<f64>,
}

impl Own {
    fn rise(&mut self) {
        self.list[0] = 9.0;
        self.list[1] = 1.0;
    }
}

#[differentiable(wrt(x), second_order)]
fn apply(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    f(x) * x
}

#[test]
fn a_list_changes_after_a_call_by_whatever_method() {
    each_agrees! {
        that_moves_its_elements(w) {
            let mut a = vec![4.0, 2.0, 5.0];
            let s = dot(w, &a);
            a.reverse();
            let t = dot(w, &a[1..]);
            a.rotate_left(1);
            let u = dot(w, &a);
            a.sort_by(|a, b| a.total_cmp(b));
            let v = dot(w, &a);
            a.swap(0, 2);
            s * s * t * u * v * a[0]
        }
        that_fills_it(w) {
            let mut a = [4.0, 2.0];
            let s = dot(w, &a);
            a.fill(3.0);
            let t = dot(w, &a);
            for v in a.iter_mut() { *v += 1.0; }
            let u = dot(w, &a);
            *a.last_mut().unwrap() = 9.0;
            let v = dot(w, &a);
            a.iter_mut().for_each(|v| *v = 7.0);
            s * s * t * u * v * a[0]
        }
        of_the_users_own(w) {
            let mut a = Own { list: vec![4.0, 2.0] };
            let s = dot(w, &a.list);
            a.rise();
            s * s * a.list[0]
        }
        inside_of_an_expression(w) {
            let mut a = vec![4.0, 2.0];
            let s = dot(w, &a);
            let mut t = s * a.pop().unwrap();
            a.push(3.0);
            let u = dot(w, &a);
            while let Some(v) = a.pop() { t *= v * w[0]; }
            t * s * u
        }
        in_each_iteration(w) {
            let mut a = vec![0.4, 0.7];
            let mut s = w[0];
            for i in 0..3 {
                s = s.sin() * dot(w, &a);
                a.rotate_left(1);
                a[0] += 0.1 * i as f64;
            }
            s
        }
        before_the_call_alone(w) {
            let mut a = Vec::new();
            for i in 0..2 { a.push(i as f64 + 1.0); }
            let mut s = w[0];
            for _ in 0..3 { s = s.sin() * dot(w, &a); }
            s
        }
        in_closures(w) {
            let g = |x: f64| { let mut a = Vec::new(); a.push(2.0); a.push(3.0); x * x * a[0] * a[1] };
            let h = apply(|x: f64| { let mut a = Vec::new(); a.push(2.0); a.push(3.0); x * x * a[0] * a[1] }, w[0]);
            g(w[0]) * g(w[1]) * h
        }
    }
}

#[test]
fn a_list_behind_a_reference_is_not_used_up_by_another_name() {
    #[allow(clippy::ptr_arg, reason = "the type is what is tested")]
    #[differentiable(wrt(x))]
    fn weighted(x: &[f64; 2], weights: &Vec<f64>) -> f64 {
        let all: &Vec<f64> = weights;
        let mut sum = x[0];
        for weight in all {
            sum += weight * x[1] * sum;
        }
        sum
    }
    let weights = vec![0.5, -2.0, 3.0];
    let (value, back) = weighted::pullback(&[0.3, 0.7], &weights);
    let mut adjoint = [0.0; 2];
    back(1.0, &mut adjoint);
    assert_eq!(value, weighted(&[0.3, 0.7], &weights));
    assert_eq!(adjoint, weighted::grad(&[0.3, 0.7], &weights));
    for (i, direction) in [[1.0, 0.0], [0.0, 1.0]].iter().enumerate() {
        let (_, along) = weighted::jvp(&[0.3, 0.7], &weights, direction);
        assert!((along - adjoint[i]).abs() < 1e-12);
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Weighted(f64, Vec<f64>);

impl Weighted {
    #[differentiable(wrt(self))]
    fn into_product(self) -> f64 {
        self.0 * self.1[0]
    }
}

#[differentiable(wrt(of, by))]
fn scaled(of: Weighted, by: f64) -> f64 {
    of.0 * by + of.1[0]
}

#[test]
fn items_of_active_lists_are_used_up() {
    #[differentiable]
    fn by_methods(x: &[f64; 2]) -> f64 {
        let list = vec![Weighted(x[0], vec![x[1]]), Weighted(x[1], vec![x[0]])];
        let mut s = 0.0;
        for item in list {
            s += item.into_product();
        }
        s
    }
    #[differentiable]
    fn by_functions(x: &[f64; 2]) -> f64 {
        let list = vec![Weighted(x[0], vec![x[1]]), Weighted(x[1], vec![x[0]])];
        let mut s = 0.0;
        for item in list {
            s += scaled(item, x[0]);
        }
        s
    }
    #[differentiable]
    fn by_patterns(x: &[f64; 2]) -> f64 {
        let list = [Weighted(x[0], vec![x[1]]), Weighted(x[1], vec![x[0]])];
        let mut s = 0.0;
        for item in list {
            let Weighted(a, b) = item;
            s += a * b[0] * x[0];
        }
        s
    }
    #[differentiable]
    fn by_other_lists(x: &[f64; 2]) -> f64 {
        let rows = vec![vec![x[0], x[1]], vec![x[1]]];
        let mut kept = Vec::new();
        for row in rows {
            if row.len() > 1 {
                kept.push(row);
            }
        }
        kept[0][0] * kept[0][1]
    }
    #[differentiable]
    fn by_other_names(x: &[f64; 2]) -> f64 {
        let rows = vec![vec![x[0], x[1]], vec![x[1]]];
        let mut s = 0.0;
        for row in rows {
            let own = row;
            s += own[0] * own[own.len() - 1];
        }
        s
    }
    agrees!(by_methods: [0.3, 0.7]);
    agrees!(by_functions: [0.3, 0.7]);
    agrees!(by_patterns: [0.3, 0.7]);
    agrees!(by_other_lists: [0.3, 0.7]);
    agrees!(by_other_names: [0.3, 0.7]);
}

#[test]
fn items_of_inactive_lists_are_used_up() {
    struct Step {
        factor: f64,
        name: String,
    }
    impl Clone for Step {
        fn clone(&self) -> Self {
            Step { factor: self.factor, name: self.name.clone() }
        }
    }
    fn consume(step: Step) -> f64 {
        step.factor + step.name.len() as f64
    }
    fn further() -> Vec<Step> {
        vec![Step { factor: 1.5, name: "a".into() }, Step { factor: 0.5, name: "bc".into() }]
    }
    #[differentiable]
    fn by_functions(x: &[f64; 2]) -> f64 {
        let steps = vec![Step { factor: 1.5, name: "a".into() }, Step { factor: 0.5, name: "bc".into() }];
        let mut s = 1.0;
        for step in steps {
            s += x[0] * consume(step) * s;
        }
        s + x.iter().zip(further()).map(|(x, step)| x * consume(step)).sum::<f64>()
    }
    #[differentiable]
    fn by_names_and_methods(x: &[f64; 2]) -> f64 {
        let names = vec![String::from("a"), String::from("bc")];
        let more = names.clone();
        let mut s = 1.0;
        for name in names {
            let own = name;
            s += x[0] * own.len() as f64 * s;
        }
        for name in more {
            s += x[1] * name.into_bytes()[0] as f64 * s;
        }
        s
    }
    #[differentiable]
    fn by_patterns(x: &[f64; 2]) -> f64 {
        let pairs = vec![(String::from("a"), 2.0), (String::from("bc"), 3.0)];
        let boxes = vec![Some(Box::new(2.0)), None];
        let mut s = 1.0;
        for (name, weight) in pairs {
            let own = weight;
            s += x[0] * own * s;
            drop(name);
        }
        for held in boxes {
            if let Some(held) = held {
                s += x[1] * *held * s;
            }
        }
        s
    }
    agrees!(by_functions: [0.3, 0.7]);
    agrees!(by_names_and_methods: [0.3, 0.07]);
    agrees!(by_patterns: [0.3, 0.7]);
}
