//! Every derivative for every kind of parameter, against num-dual's exact first and second derivatives.
//!
//! All functions have the same formula of five numbers, of which four lie in the parameter `p` and the last is `k`.

#![allow(clippy::ptr_arg, reason = "a `&Vec` is a kind of parameter")]

mod exact;

use differentiable::prelude::*;
use exact::{Exact, derivatives};

const X: [f64; 5] = [0.7, -0.4, 1.3, 0.2, 0.9];
const DIRECTION: [f64; 5] = [0.5, -1.0, 0.25, 2.0, -0.75];
const BEFORE: [f64; 4] = [10.0, 20.0, 30.0, 40.0];
const SEED: f64 = -1.5;

/// The formula.
#[differentiable(second_order)]
fn formula<T: Real>(a: T, b: T, c: T, d: T, k: T) -> T {
    (a * b + c.exp() * k).sin() * d + (c * d * k).tanh() * a * a + (b * k).exp() / (c * c + 1.0)
}

/// A second formula, for functions with several results.
#[differentiable(second_order)]
fn other<T: Real>(a: T, b: T, c: T, d: T, k: T) -> T {
    a * b * c.cos() + d.exp() * k * k
}

fn exactly(x: &[Exact; 5]) -> Exact {
    formula(x[0], x[1], x[2], x[3], x[4])
}

/// A name for both entries of a gradient or a product: of `p` and of `k`.
fn assert_close(got: [f64; 4], got_k: f64, want: [f64; 5], what: &str) {
    let close = |got: f64, want: f64| (got - want).abs() <= 1e-14 * want.abs().max(8.0);
    let all = got.iter().zip(&want).all(|(got, want)| close(*got, *want)) && close(got_k, want[4]);
    assert!(all, "{what}: {got:?} and {got_k} are not {want:?}");
}

fn product(a: &[f64; 5], b: &[f64; 5]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

macro_rules! kinds {
    // what the parameter is given
    (@pass value $p:expr) => { $p.clone() };
    (@pass reference $p:expr) => { &$p };
    (@pass slice $p:expr) => { &$p[..] };
    (@adjoint slice $p:expr) => { &mut $p[..] };
    (@adjoint $how:ident $p:expr) => { &mut $p };
    ($($name:ident: $how:ident $ty:ty, $generic:ty, |$p:ident| $open:expr, |$n:ident| $pack:expr;)*) => {$(
        mod $name {
            use super::*;

            #[differentiable(wrt(p, k), second_order)]
            pub(super) fn f($p: $ty, k: f64) -> f64 {
                let [a, b, c, d] = $open;
                formula(a, b, c, d, k)
            }

            #[differentiable(wrt(p, k), second_order)]
            pub(super) fn generic<T: Real>($p: $generic, k: T) -> T {
                let [a, b, c, d] = $open;
                formula(a, b, c, d, k)
            }

            #[test]
            fn has_every_derivative() {
                let pack = |$n: [f64; 4]| $pack;
                let numbers = |x: &[f64; 5]| [x[0], x[1], x[2], x[3]];
                let (want, gradient, hessian) = derivatives(&X, exactly);
                let bent: [f64; 5] = std::array::from_fn(|i| product(&hessian[i], &DIRECTION));
                let (p, k, dot) = (pack(numbers(&X)), X[4], pack(numbers(&DIRECTION)));
                macro_rules! of {
                    ($function:ident) => {{
                        let name = stringify!($function);
                        let value = $function(kinds!(@pass $how p), k);
                        assert!((value - want).abs() < 1e-14);
                        let ($p, d_k) = $function::grad(kinds!(@pass $how p), k);
                        assert_close($open, d_k, gradient, &format!("grad of {name}"));
                        let (same, ($p, d_k)) = $function::value_and_grad(kinds!(@pass $how p), k);
                        assert_eq!(same.to_bits(), value.to_bits());
                        assert_close($open, d_k, gradient, &format!("value_and_grad of {name}"));

                        let added: [f64; 5] = std::array::from_fn(|i| BEFORE.get(i).unwrap_or(&50.0) + SEED * gradient[i]);
                        let (mut d_p, mut d_k) = (pack(BEFORE), 50.0);
                        let same = $function::vjp(kinds!(@pass $how p), k, SEED, kinds!(@adjoint $how d_p), &mut d_k);
                        assert_eq!(same.to_bits(), value.to_bits());
                        let $p = d_p;
                        assert_close($open, d_k, added, &format!("vjp of {name}"));
                        let (mut d_p, mut d_k) = (pack(BEFORE), 50.0);
                        let (same, back) = $function::pullback(kinds!(@pass $how p), k);
                        back(SEED, kinds!(@adjoint $how d_p), &mut d_k);
                        assert_eq!(same.to_bits(), value.to_bits());
                        let $p = d_p;
                        assert_close($open, d_k, added, &format!("pullback of {name}"));

                        let (same, tangent) = $function::jvp(kinds!(@pass $how p), k, kinds!(@pass $how dot), DIRECTION[4]);
                        assert_eq!(same.to_bits(), value.to_bits());
                        assert!((tangent - product(&gradient, &DIRECTION)).abs() < 1e-13, "jvp of {name}: {tangent}");
                        let ($p, d_k) = $function::hvp(kinds!(@pass $how p), k, kinds!(@pass $how dot), DIRECTION[4]);
                        assert_close($open, d_k, bent, &format!("hvp of {name}"));
                    }};
                }
                of!(f);
                of!(generic);
            }
        }
    )*};
}

/// Two numbers.
#[derive(Clone, Debug, Differentiable)]
pub struct Half<T>(T, T);

/// Four numbers.
#[derive(Clone, Debug, Differentiable)]
pub struct Whole<T> {
    half: Half<T>,
    rest: Vec<T>,
    #[differentiable(skip)]
    label: &'static str,
}

fn whole(n: [f64; 4]) -> Whole<f64> {
    Whole { half: Half(n[0], n[1]), rest: vec![n[2], n[3]], label: "whole" }
}

kinds! {
    array_by_value: value [f64; 4], [T; 4], |p| [p[0], p[1], p[2], p[3]], |n| n;
    array_by_reference: reference &[f64; 4], &[T; 4], |p| [p[0], p[1], p[2], p[3]], |n| n;
    nested_array: reference &[[f64; 2]; 2], &[[T; 2]; 2], |p| [p[0][0], p[0][1], p[1][0], p[1][1]], |n| [[n[0], n[1]], [n[2], n[3]]];
    nested_array_by_value: value [[f64; 2]; 2], [[T; 2]; 2], |p| [p[0][0], p[0][1], p[1][0], p[1][1]], |n| [[n[0], n[1]], [n[2], n[3]]];
    slice_of_numbers: slice &[f64], &[T], |p| [p[0], p[1], p[2], p[3]], |n| n;
    slice_of_arrays: slice &[[f64; 2]], &[[T; 2]], |p| [p[0][0], p[0][1], p[1][0], p[1][1]], |n| [[n[0], n[1]], [n[2], n[3]]];
    slice_of_structs: slice &[Half<f64>], &[Half<T>], |p| [p[0].0, p[0].1, p[1].0, p[1].1], |n| [Half(n[0], n[1]), Half(n[2], n[3])];
    vec_by_reference: reference &Vec<f64>, &Vec<T>, |p| [p[0], p[1], p[2], p[3]], |n| n.to_vec();
    vec_by_value: value Vec<f64>, Vec<T>, |p| [p[0], p[1], p[2], p[3]], |n| n.to_vec();
    vec_of_arrays: reference &Vec<[f64; 2]>, &Vec<[T; 2]>, |p| [p[0][0], p[0][1], p[1][0], p[1][1]], |n| vec![[n[0], n[1]], [n[2], n[3]]];
    tuple_by_value: value (f64, [f64; 2], f64), (T, [T; 2], T), |p| [p.0, p.1[0], p.1[1], p.2], |n| (n[0], [n[1], n[2]], n[3]);
    tuple_by_reference: reference &(f64, (f64, f64), f64), &(T, (T, T), T), |p| [p.0, p.1.0, p.1.1, p.2], |n| (n[0], (n[1], n[2]), n[3]);
    structure: reference &Whole<f64>, &Whole<T>, |p| [p.half.0, p.half.1, p.rest[0], p.rest[1]], |n| whole(n);
    structure_by_value: value Whole<f64>, Whole<T>, |p| [p.half.0, p.half.1, p.rest[0], p.rest[1]], |n| whole(n);
}

#[test]
fn scalars_have_every_derivative() {
    let (value, gradient, hessian) = derivatives(&X, exactly);
    let [a, b, c, d, k] = X;
    let (x, y, z, w, v) = formula::grad(a, b, c, d, k);
    assert_close([x, y, z, w], v, gradient, "grad");
    let (same, (x, y, z, w, v)) = formula::value_and_grad(a, b, c, d, k);
    assert!((same - value).abs() < 1e-14);
    assert_close([x, y, z, w], v, gradient, "value_and_grad");
    let added = std::array::from_fn(|i| 1.0 + SEED * gradient[i]);
    let mut sums = [1.0; 5];
    let [x, y, z, w, v] = &mut sums;
    formula::vjp(a, b, c, d, k, SEED, x, y, z, w, v);
    assert_close([sums[0], sums[1], sums[2], sums[3]], sums[4], added, "vjp");
    let mut sums = [1.0; 5];
    let [x, y, z, w, v] = &mut sums;
    formula::pullback(a, b, c, d, k).1(SEED, x, y, z, w, v);
    assert_close([sums[0], sums[1], sums[2], sums[3]], sums[4], added, "pullback");
    let [p, q, r, s, t] = DIRECTION;
    assert!((formula::jvp(a, b, c, d, k, p, q, r, s, t).1 - product(&gradient, &DIRECTION)).abs() < 1e-13);
    let bent = std::array::from_fn(|i| product(&hessian[i], &DIRECTION));
    let (x, y, z, w, v) = formula::hvp(a, b, c, d, k, p, q, r, s, t);
    assert_close([x, y, z, w], v, bent, "hvp");
    let rows = formula::hessian(a, b, c, d, k);
    for (i, (x, y, z, w, v)) in [rows.0, rows.1, rows.2, rows.3, rows.4].into_iter().enumerate() {
        assert_close([x, y, z, w], v, hessian[i], "hessian");
    }
}

#[test]
fn arrays_have_hessians_in_blocks() {
    let (_, _, hessian) = derivatives(&X, exactly);
    let [a, b, c, d, k] = X;
    let ((pp, pk), (kp, kk)) = array_by_reference::f::hessian(&[a, b, c, d], k);
    let of_generic = array_by_value::generic::hessian([a, b, c, d], k);
    assert_eq!(((pp, pk), (kp, kk)), of_generic);
    for i in 0..4 {
        assert_close(pp[i], pk[i], hessian[i], "hessian");
    }
    assert_close(kp, kk, hessian[4], "hessian");
    let ((pp, pk), (kp, kk)) = nested_array::f::hessian(&[[a, b], [c, d]], k);
    for i in 0..4 {
        let row = pp[i / 2][i % 2];
        assert_close([row[0][0], row[0][1], row[1][0], row[1][1]], pk[i / 2][i % 2], hessian[i], "hessian");
    }
    assert_close([kp[0][0], kp[0][1], kp[1][0], kp[1][1]], kk, hessian[4], "hessian");
}

macro_rules! jacobians {
    ($($name:ident $(<$t:ident>)?: ($($p:ident: $ty:ty),+) -> $output:ty, [$a:expr, $b:expr, $c:expr, $d:expr, $k:expr], |$x:ident, $y:ident| $make:expr,
        ($($argument:expr),+), |$j:ident| $rows:expr;)*) => {$(
        #[test]
        fn $name() {
            #[differentiable]
            fn f $(<$t: Real>)?($($p: $ty),+) -> $output {
                let ($x, $y) = (formula($a, $b, $c, $d, $k), other($a, $b, $c, $d, $k));
                $make
            }
            let of_other = |x: &[Exact; 5]| other(x[0], x[1], x[2], x[3], x[4]);
            let wanted = [derivatives(&X, exactly).1, derivatives(&X, of_other).1];
            let $j = f::jacobian($($argument),+);
            let rows: [[f64; 5]; 2] = $rows;
            for (row, want) in rows.into_iter().zip(wanted) {
                assert_close([row[0], row[1], row[2], row[3]], row[4], want, "jacobian");
            }
        }
    )*};
}

fn two(j: impl Fn(usize) -> [f64; 5]) -> [[f64; 5]; 2] {
    [j(0), j(1)]
}

jacobians! {
    jacobian_of_scalars: (a: f64, b: f64, c: f64, d: f64, k: f64) -> [f64; 2], [a, b, c, d, k], |x, y| [x, y],
        (X[0], X[1], X[2], X[3], X[4]), |j| two(|i| [j.0[i], j.1[i], j.2[i], j.3[i], j.4[i]]);
    jacobian_of_generic_scalars<T>: (a: T, b: T, c: T, d: T, k: T) -> [T; 2], [a, b, c, d, k], |x, y| [x, y],
        (X[0], X[1], X[2], X[3], X[4]), |j| two(|i| [j.0[i], j.1[i], j.2[i], j.3[i], j.4[i]]);
    jacobian_of_an_array: (p: &[f64; 4], k: f64) -> (f64, f64), [p[0], p[1], p[2], p[3], k], |x, y| (x, y),
        (&[X[0], X[1], X[2], X[3]], X[4]), |j| two(|i| [j.0[i][0], j.0[i][1], j.0[i][2], j.0[i][3], j.1[i]]);
    jacobian_of_an_array_by_value<T>: (p: [T; 4], k: T) -> [[T; 1]; 2], [p[0], p[1], p[2], p[3], k], |x, y| [[x], [y]],
        ([X[0], X[1], X[2], X[3]], X[4]), |j| two(|i| [j.0[i][0][0], j.0[i][0][1], j.0[i][0][2], j.0[i][0][3], j.1[i][0]]);
    jacobian_of_a_nested_array: (p: &[[f64; 2]; 2], k: f64) -> [[f64; 2]; 1], [p[0][0], p[0][1], p[1][0], p[1][1], k], |x, y| [[x, y]],
        (&[[X[0], X[1]], [X[2], X[3]]], X[4]),
        |j| two(|i| [j.0[0][i][0][0], j.0[0][i][0][1], j.0[0][i][1][0], j.0[0][i][1][1], j.1[0][i]]);
}

#[differentiable(wrt(p, k), second_order)]
fn changes(p: &mut [f64; 4], k: f64) -> f64 {
    let value = formula(p[0], p[1], p[2], p[3], k);
    p[0] = other(p[0], p[1], p[2], p[3], k);
    p[1] *= p[2];
    value
}

#[differentiable(wrt(p, k), second_order)]
fn changes_a_slice<T: Real>(p: &mut [T], k: T) {
    p[0] = formula(p[0], p[1], p[2], p[3], k);
}

#[differentiable(wrt(p, k), second_order)]
fn changes_a_struct(p: &mut Whole<f64>, k: f64) {
    p.rest[1] = formula(p.half.0, p.half.1, p.rest[0], p.rest[1], k);
}

/// The adjoints and tangents that go by `&mut` hold what belongs to the state after the call, and then what belongs to that before.
#[test]
fn what_is_changed_has_vjp_jvp_and_pullback() {
    let (value, of_value, _) = derivatives(&X, exactly);
    let (left, of_left, _) = derivatives(&X, |x| other(x[0], x[1], x[2], x[3], x[4]));
    let [a, b, c, d, k] = X;
    let after = [2.0, 3.0, 5.0, 7.0];
    // cotangents of the value, of `p[0] = other(..)`, of `p[1] * p[2]`, of `p[2]` and of `p[3]`
    let mut wanted: [f64; 5] = std::array::from_fn(|i| SEED * of_value[i] + after[0] * of_left[i]);
    wanted[1] += after[1] * c;
    wanted[2] += after[1] * b + after[2];
    wanted[3] += after[3];
    let (mut p, mut d_p, mut d_k) = ([a, b, c, d], after, 0.0);
    let got = changes::vjp(&mut p, k, SEED, &mut d_p, &mut d_k);
    assert!((got - value).abs() < 1e-14 && (p[0] - left).abs() < 1e-14 && p[1] == b * c);
    assert_close(d_p, d_k, wanted, "vjp");
    let (mut p, mut d_p, mut d_k) = ([a, b, c, d], after, 0.0);
    let (same, back) = changes::pullback(&mut p, k);
    assert_eq!((same, p[1]), (got, b * c));
    back(SEED, &mut d_p, &mut d_k);
    assert_close(d_p, d_k, wanted, "pullback");
    let mut dot = [DIRECTION[0], DIRECTION[1], DIRECTION[2], DIRECTION[3]];
    let (_, tangent) = changes::jvp(&mut [a, b, c, d], k, &mut dot, DIRECTION[4]);
    assert!((tangent - product(&of_value, &DIRECTION)).abs() < 1e-13);
    assert!((dot[0] - product(&of_left, &DIRECTION)).abs() < 1e-13);
    assert!((dot[1] - (DIRECTION[1] * c + DIRECTION[2] * b)).abs() < 1e-15);
}

#[test]
fn what_is_changed_has_second_derivatives_through_its_callers() {
    let (_, gradient, hessian) = derivatives(&X, exactly);
    #[differentiable(second_order)]
    fn by_a_slice(x: &[f64; 5]) -> f64 {
        let mut p = [x[0], x[1], x[2], x[3]];
        changes_a_slice(&mut p, x[4]);
        p[0]
    }
    #[differentiable(second_order)]
    fn by_an_array(x: &[f64; 5]) -> f64 {
        let mut p = [x[0], x[1], x[2], x[3]];
        changes(&mut p, x[4])
    }
    #[differentiable(second_order)]
    fn by_a_struct(x: &[f64; 5]) -> f64 {
        let mut p = Whole { half: Half(x[0], x[1]), rest: vec![x[2], x[3]], label: "" };
        changes_a_struct(&mut p, x[4]);
        p.rest[1]
    }
    for (by, rows) in [
        (by_a_slice::grad(&X), by_a_slice::hessian(&X)),
        (by_an_array::grad(&X), by_an_array::hessian(&X)),
        (by_a_struct::grad(&X), by_a_struct::hessian(&X)),
    ] {
        assert_close([by[0], by[1], by[2], by[3]], by[4], gradient, "grad");
        for i in 0..5 {
            assert_close([rows[i][0], rows[i][1], rows[i][2], rows[i][3]], rows[i][4], hessian[i], "hessian");
        }
    }
}

impl Whole<f64> {
    #[differentiable(wrt(self, k), second_order)]
    fn value(&self, k: f64) -> f64 {
        formula(self.half.0, self.half.1, self.rest[0], self.rest[1], k)
    }
}

#[test]
fn receivers_have_every_derivative() {
    let (_, gradient, hessian) = derivatives(&X, exactly);
    let (p, k, dot) = (whole([X[0], X[1], X[2], X[3]]), X[4], whole([DIRECTION[0], DIRECTION[1], DIRECTION[2], DIRECTION[3]]));
    let numbers = |p: &Whole<f64>| [p.half.0, p.half.1, p.rest[0], p.rest[1]];
    let (d_p, d_k) = p.value_grad(k);
    assert_eq!(d_p.label, "whole");
    assert_close(numbers(&d_p), d_k, gradient, "grad");
    let (value, (d_p, d_k)) = p.value_value_and_grad(k);
    assert_eq!(value, p.value(k));
    assert_close(numbers(&d_p), d_k, gradient, "value_and_grad");
    let added: [f64; 5] = std::array::from_fn(|i| BEFORE.get(i).unwrap_or(&50.0) + SEED * gradient[i]);
    let (mut d_p, mut d_k) = (whole(BEFORE), 50.0);
    p.value_vjp(k, SEED, &mut d_p, &mut d_k);
    assert_close(numbers(&d_p), d_k, added, "vjp");
    let (mut d_p, mut d_k) = (whole(BEFORE), 50.0);
    p.value_pullback(k).1(SEED, &mut d_p, &mut d_k);
    assert_close(numbers(&d_p), d_k, added, "pullback");
    assert!((p.value_jvp(k, &dot, DIRECTION[4]).1 - product(&gradient, &DIRECTION)).abs() < 1e-13);
    let (d_p, d_k) = p.value_hvp(k, &dot, DIRECTION[4]);
    assert_close(numbers(&d_p), d_k, std::array::from_fn(|i| product(&hessian[i], &DIRECTION)), "hvp");
}

/// What `work` panics with.
fn panic_of(work: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(work).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a panic with values has a text").clone()
}

#[test]
fn directions_of_another_length_are_panics() {
    #[differentiable(wrt(x), second_order)]
    fn of_a_slice(x: &[f64], k: f64) -> f64 {
        x.iter().map(|x| x * x * k).sum()
    }
    #[differentiable(wrt(x), second_order)]
    fn of_a_vector(x: Vec<f64>) -> f64 {
        x.iter().map(|x| x * x).sum()
    }
    #[differentiable]
    fn of_what_is_changed(x: &mut [f64]) {
        x[0] *= x[1];
    }
    for wrong in [vec![1.0; 2], vec![1.0; 4]] {
        let length = wrong.len();
        let message = format!("`x_dot` has length {length}, but its slice has length 3");
        assert_eq!(panic_of(|| _ = of_a_slice::jvp(&[1.0; 3], 2.0, &wrong)), message);
        assert_eq!(panic_of(|| _ = of_a_slice::hvp(&[1.0; 3], 2.0, &wrong)), message);
        assert_eq!(panic_of(|| of_what_is_changed::jvp(&mut [1.0; 3], &mut wrong.clone())), message);
        let message = "`x_dot` has not the shape of its parameter: a `Vec` in it has another length";
        assert_eq!(panic_of(|| _ = of_a_vector::jvp(vec![1.0; 3], wrong.clone())), message);
        assert_eq!(panic_of(|| _ = of_a_vector::hvp(vec![1.0; 3], wrong.clone())), message);
    }
}
