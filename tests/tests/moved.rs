//! Inactive lists that change, or are moved away, after loops and calls have read them.

#![allow(clippy::all, reason = "the forms are what is tested")]

use std::collections::BTreeMap;

use differentiable::prelude::*;
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
                a.push(i as f64 + 1.0);
            }
            for i in 0..3 {
                for v in a.iter().rev() { s = s.sin() * v * w[1]; }
                a.clear();
                a.push(i as f64 + 1.0);
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
