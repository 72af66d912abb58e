//! Every derivative for every kind of parameter, against num-dual's exact first and second derivatives.
//!
//! All functions have the same formula of five numbers, of which four lie in the parameter `p` and the last is `k`; each is written for `f64` and
//! for any scalar. `matrix!` lists what is defined for which kind: each cell is a test, of the numbers or of there being no such function.

#![allow(
    clippy::ptr_arg,
    clippy::useless_vec,
    clippy::assign_op_pattern,
    reason = "a `&Vec` is a kind of parameter, and `p[1] *= p[2]` of one borrows it twice"
)]

mod exact;

use differentiable::prelude::*;
use exact::{Exact, derivatives};

const X: [f64; 5] = [0.7, -0.4, 1.3, 0.2, 0.9];
const DIRECTION: [f64; 5] = [0.5, -1.0, 0.25, 2.0, -0.75];
const BEFORE: [f64; 5] = [10.0, 20.0, 30.0, 40.0, 50.0];
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

/// What there is not: a derivative of that name, which would be preferred.
trait Undefined {
    fn grad() {}
    fn value_and_grad() {}
    fn jacobian() {}
    fn hvp() {}
    fn hessian() {}
}

impl<T> Undefined for T {}

macro_rules! matrix {
    ($($kind:ident: [$($cell:tt)*];)*) => {
        mod matrix {$(
            mod $kind {
                matrix!(@row $kind [grad value_and_grad vjp jvp pullback hvp hessian jacobian outputs called] [$($cell)*]);
            }
        )*}
    };
    (@row $kind:ident [$($column:ident)*] [$($cell:tt)*]) => { $(matrix!(@cell $kind $column $cell);)* };
    (@cell $kind:ident $column:ident +) => {
        #[test]
        fn $column() {
            crate::$kind::$column();
        }
    };
    (@cell $kind:ident jacobian -) => {
        #[test]
        fn jacobian() {
            use crate::Undefined as _;
            crate::$kind::pair::jacobian();
        }
    };
    (@cell $kind:ident $column:ident -) => {
        #[test]
        fn $column() {
            use crate::Undefined as _;
            crate::$kind::f::$column();
        }
    };
}

// By the contract gradients and what is made of them want a scalar result and nothing that is changed, and matrices scalars and arrays alone.
// `outputs` is the `vjp` of a function with an array for its result, `called` the gradient and the Hessian of a function that calls.
matrix! {
    //                             grad  value_and_grad  vjp  jvp  pullback  hvp  hessian  jacobian  outputs  called
    scalar:                       [+     +               +    +    +         +    +        +         +        +];
    array_by_value:               [+     +               +    +    +         +    +        +         +        +];
    array_by_reference:           [+     +               +    +    +         +    +        +         +        +];
    array_of_any_length:          [+     +               +    +    +         +    +        +         +        +];
    nested_array:                 [+     +               +    +    +         +    +        +         +        +];
    nested_array_by_value:        [+     +               +    +    +         +    +        +         +        +];
    slice_of_numbers:             [+     +               +    +    +         +    -        -         +        +];
    slice_of_arrays:              [+     +               +    +    +         +    -        -         +        +];
    slice_of_structs:             [+     +               +    +    +         +    -        -         +        +];
    vec_by_reference:             [+     +               +    +    +         +    -        -         +        +];
    vec_by_value:                 [+     +               +    +    +         +    -        -         +        +];
    vec_of_arrays:                [+     +               +    +    +         +    -        -         +        +];
    tuple_by_value:               [+     +               +    +    +         +    -        -         +        +];
    tuple_by_reference:           [+     +               +    +    +         +    -        -         +        +];
    structure:                    [+     +               +    +    +         +    -        -         +        +];
    structure_by_value:           [+     +               +    +    +         +    -        -         +        +];
    changed_scalar:               [-     -               +    +    +         -    -        -         +        +];
    changed_array:                [-     -               +    +    +         -    -        -         +        +];
    changed_array_of_any_length:  [-     -               +    +    +         -    -        -         +        +];
    changed_nested_array:         [-     -               +    +    +         -    -        -         +        +];
    changed_slice:                [-     -               +    +    +         -    -        -         +        +];
    changed_slice_of_structs:     [-     -               +    +    +         -    -        -         +        +];
    changed_vec:                  [-     -               +    +    +         -    -        -         +        +];
    changed_tuple:                [-     -               +    +    +         -    -        -         +        +];
    changed_structure:            [-     -               +    +    +         -    -        -         +        +];
}

fn gradient() -> [f64; 5] {
    derivatives(&X, exactly).1
}

/// The cotangents of two results, and what flows from them.
const SEEDS: [f64; 2] = [SEED, 2.0];

fn of_outputs() -> [f64; 5] {
    let (first, second) = (gradient(), derivatives(&X, |x| other(x[0], x[1], x[2], x[3], x[4])).1);
    std::array::from_fn(|i| BEFORE[i] + SEEDS[0] * first[i] + SEEDS[1] * second[i])
}

fn bent() -> [f64; 5] {
    let (_, _, hessian) = derivatives(&X, exactly);
    std::array::from_fn(|i| product(&hessian[i], &DIRECTION))
}

/// What stands in the adjoints after `SEED` times the gradient was added to them.
fn added() -> [f64; 5] {
    let gradient = gradient();
    std::array::from_fn(|i| BEFORE[i] + SEED * gradient[i])
}

fn first_four(x: &[f64; 5]) -> [f64; 4] {
    [x[0], x[1], x[2], x[3]]
}

/// The gradient and the Hessian of a function of all five, which calls one for which `exact` stands.
fn assert_calls(by: [f64; 5], rows: [[f64; 5]; 5], exact: impl Fn(&[Exact; 5]) -> Exact) {
    let (_, gradient, hessian) = derivatives(&X, exact);
    assert_close(first_four(&by), by[4], gradient, "the gradient of a caller");
    for i in 0..5 {
        assert_close(first_four(&rows[i]), rows[i][4], hessian[i], "the Hessian of a caller");
    }
}

macro_rules! kinds {
    // what a parameter is given
    (@pass value $p:expr) => { $p.clone() };
    (@pass reference $p:expr) => { &$p };
    (@pass slice $p:expr) => { &$p[..] };
    (@adjoint slice $p:expr) => { &mut $p[..] };
    (@adjoint $how:ident $p:expr) => { &mut $p };
    (@caller value |$n:ident| $pack:expr) => { kinds!(@caller |$n, p| $pack, p); };
    (@caller reference |$n:ident| $pack:expr) => { kinds!(@caller |$n, p| $pack, &p); };
    (@caller slice |$n:ident| $pack:expr) => { kinds!(@caller |$n, p| $pack, &p[..]); };
    (@caller |$n:ident, $p:ident| $pack:expr, $given:expr) => {
        #[differentiable(second_order)]
        fn caller(x: &[f64; 5]) -> f64 {
            let $n = [x[0] * x[0], x[1], x[2].sin(), x[3]];
            let $p = $pack;
            f($given, x[4] * x[0]) * x[1]
        }
    };
    ($($name:ident $([const $length:ident])?: $how:ident $ty:ty, $generic:ty, |$p:ident| $open:expr, |$n:ident| $pack:expr $(, |$x:ident, $i:ident| $at:expr)?;)*) => {$(
        mod $name {
            use super::*;

            #[differentiable(wrt(p, k), second_order)]
            pub(super) fn f$(<const $length: usize>)?($p: $ty, k: f64) -> f64 {
                let [a, b, c, d] = $open;
                formula(a, b, c, d, k)
            }

            #[differentiable(wrt(p, k), second_order)]
            pub(super) fn generic<T: Real $(, const $length: usize)?>($p: $generic, k: T) -> T {
                let [a, b, c, d] = $open;
                formula(a, b, c, d, k)
            }

            #[differentiable(wrt(p, k))]
            pub(super) fn pair$(<const $length: usize>)?($p: $ty, k: f64) -> [f64; 2] {
                let [a, b, c, d] = $open;
                [formula(a, b, c, d, k), other(a, b, c, d, k)]
            }

            #[differentiable(wrt(p, k))]
            pub(super) fn generic_pair<T: Real $(, const $length: usize)?>($p: $generic, k: T) -> [T; 2] {
                let [a, b, c, d] = $open;
                [formula(a, b, c, d, k), other(a, b, c, d, k)]
            }

            kinds!(@caller $how |$n| $pack);

            macro_rules! point {
                ($numbers:expr) => {{
                    let $n = first_four(&$numbers);
                    $pack
                }};
            }

            pub(super) fn grad() {
                let p = point!(X);
                for ($p, d_k) in [f::grad(kinds!(@pass $how p), X[4]), generic::grad(kinds!(@pass $how p), X[4])] {
                    assert_close($open, d_k, gradient(), "grad");
                }
            }

            pub(super) fn value_and_grad() {
                let p = point!(X);
                let value = f(kinds!(@pass $how p), X[4]);
                let both = [f::value_and_grad(kinds!(@pass $how p), X[4]), generic::value_and_grad(kinds!(@pass $how p), X[4])];
                for (same, ($p, d_k)) in both {
                    assert_eq!(same.to_bits(), value.to_bits());
                    assert_close($open, d_k, gradient(), "value_and_grad");
                }
            }

            pub(super) fn vjp() {
                let p = point!(X);
                let value = f(kinds!(@pass $how p), X[4]);
                let (mut d_p, mut d_k) = (point!(BEFORE), BEFORE[4]);
                let same = f::vjp(kinds!(@pass $how p), X[4], SEED, kinds!(@adjoint $how d_p), &mut d_k);
                let (mut d_q, mut d_l) = (point!(BEFORE), BEFORE[4]);
                let of_generic = generic::vjp(kinds!(@pass $how p), X[4], SEED, kinds!(@adjoint $how d_q), &mut d_l);
                assert_eq!([same.to_bits(), of_generic.to_bits()], [value.to_bits(); 2]);
                for ($p, d_k) in [(d_p, d_k), (d_q, d_l)] {
                    assert_close($open, d_k, added(), "vjp");
                }
            }

            pub(super) fn pullback() {
                let p = point!(X);
                let value = f(kinds!(@pass $how p), X[4]);
                let (mut d_p, mut d_k) = (point!(BEFORE), BEFORE[4]);
                let (same, back) = f::pullback(kinds!(@pass $how p), X[4]);
                back(SEED, kinds!(@adjoint $how d_p), &mut d_k);
                let (mut d_q, mut d_l) = (point!(BEFORE), BEFORE[4]);
                let (of_generic, back) = generic::pullback(kinds!(@pass $how p), X[4]);
                back(SEED, kinds!(@adjoint $how d_q), &mut d_l);
                assert_eq!([same.to_bits(), of_generic.to_bits()], [value.to_bits(); 2]);
                for ($p, d_k) in [(d_p, d_k), (d_q, d_l)] {
                    assert_close($open, d_k, added(), "pullback");
                }
            }

            pub(super) fn jvp() {
                let (p, dot) = (point!(X), point!(DIRECTION));
                let value = f(kinds!(@pass $how p), X[4]);
                for (same, tangent) in [
                    f::jvp(kinds!(@pass $how p), X[4], kinds!(@pass $how dot), DIRECTION[4]),
                    generic::jvp(kinds!(@pass $how p), X[4], kinds!(@pass $how dot), DIRECTION[4]),
                ] {
                    assert_eq!(same.to_bits(), value.to_bits());
                    assert!((tangent - product(&gradient(), &DIRECTION)).abs() < 1e-13, "the tangent is {tangent}");
                }
            }

            pub(super) fn hvp() {
                let (p, dot) = (point!(X), point!(DIRECTION));
                for ($p, d_k) in [
                    f::hvp(kinds!(@pass $how p), X[4], kinds!(@pass $how dot), DIRECTION[4]),
                    generic::hvp(kinds!(@pass $how p), X[4], kinds!(@pass $how dot), DIRECTION[4]),
                ] {
                    assert_close($open, d_k, bent(), "hvp");
                }
            }

            pub(super) fn outputs() {
                let p = point!(X);
                let (mut d_p, mut d_k) = (point!(BEFORE), BEFORE[4]);
                pair::vjp(kinds!(@pass $how p), X[4], &SEEDS, kinds!(@adjoint $how d_p), &mut d_k);
                let (mut d_q, mut d_l) = (point!(BEFORE), BEFORE[4]);
                generic_pair::vjp(kinds!(@pass $how p), X[4], &SEEDS, kinds!(@adjoint $how d_q), &mut d_l);
                for ($p, d_k) in [(d_p, d_k), (d_q, d_l)] {
                    assert_close($open, d_k, of_outputs(), "vjp of an array");
                }
            }

            pub(super) fn called() {
                assert_calls(caller::grad(&X), caller::hessian(&X), |x| {
                    formula(x[0] * x[0], x[1], x[2].sin(), x[3], x[4] * x[0]) * x[1]
                });
            }

            $(
                pub(super) fn hessian() {
                    let (_, _, hessian) = derivatives(&X, exactly);
                    let p = point!(X);
                    for ((pp, pk), ($p, kk)) in [f::hessian(kinds!(@pass $how p), X[4]), generic::hessian(kinds!(@pass $how p), X[4])] {
                        assert_close($open, kk, hessian[4], "the last row of the Hessian");
                        for $i in 0..4 {
                            let ($x, k) = (pp, pk);
                            let $p = $at;
                            let row = $open;
                            let $x = k;
                            assert_close(row, $at, hessian[$i], "a row of the Hessian");
                        }
                    }
                }

                pub(super) fn jacobian() {
                    let of_other = |x: &[Exact; 5]| other(x[0], x[1], x[2], x[3], x[4]);
                    let wanted = [gradient(), derivatives(&X, of_other).1];
                    let p = point!(X);
                    for (rows, of_k) in [pair::jacobian(kinds!(@pass $how p), X[4]), generic_pair::jacobian(kinds!(@pass $how p), X[4])] {
                        for (($p, d_k), want) in rows.into_iter().zip(of_k).zip(wanted) {
                            assert_close($open, d_k, want, "a row of the Jacobian");
                        }
                    }
                }
            )?
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
    array_by_value: value [f64; 4], [T; 4], |p| [p[0], p[1], p[2], p[3]], |n| n, |x, i| x[i];
    array_by_reference: reference &[f64; 4], &[T; 4], |p| [p[0], p[1], p[2], p[3]], |n| n, |x, i| x[i];
    array_of_any_length [const N]: reference &[f64; N], &[T; N], |p| [p[0], p[1], p[2], p[3]], |n| n, |x, i| x[i];
    nested_array: reference &[[f64; 2]; 2], &[[T; 2]; 2], |p| [p[0][0], p[0][1], p[1][0], p[1][1]],
        |n| [[n[0], n[1]], [n[2], n[3]]], |x, i| x[i / 2][i % 2];
    nested_array_by_value: value [[f64; 2]; 2], [[T; 2]; 2], |p| [p[0][0], p[0][1], p[1][0], p[1][1]],
        |n| [[n[0], n[1]], [n[2], n[3]]], |x, i| x[i / 2][i % 2];
    slice_of_numbers: slice &[f64], &[T], |p| [p[0], p[1], p[2], p[3]], |n| n;
    slice_of_arrays: slice &[[f64; 2]], &[[T; 2]], |p| [p[0][0], p[0][1], p[1][0], p[1][1]], |n| [[n[0], n[1]], [n[2], n[3]]];
    slice_of_structs: slice &[Half<f64>], &[Half<T>], |p| [p[0].0, p[0].1, p[1].0, p[1].1], |n| vec![Half(n[0], n[1]), Half(n[2], n[3])];
    vec_by_reference: reference &Vec<f64>, &Vec<T>, |p| [p[0], p[1], p[2], p[3]], |n| n.to_vec();
    vec_by_value: value Vec<f64>, Vec<T>, |p| [p[0], p[1], p[2], p[3]], |n| n.to_vec();
    vec_of_arrays: reference &Vec<[f64; 2]>, &Vec<[T; 2]>, |p| [p[0][0], p[0][1], p[1][0], p[1][1]], |n| vec![[n[0], n[1]], [n[2], n[3]]];
    tuple_by_value: value (f64, [f64; 2], f64), (T, [T; 2], T), |p| [p.0, p.1[0], p.1[1], p.2], |n| (n[0], [n[1], n[2]], n[3]);
    tuple_by_reference: reference &(f64, (f64, f64), f64), &(T, (T, T), T), |p| [p.0, p.1.0, p.1.1, p.2], |n| (n[0], (n[1], n[2]), n[3]);
    structure: reference &Whole<f64>, &Whole<T>, |p| [p.half.0, p.half.1, p.rest[0], p.rest[1]],
        |n| Whole { half: Half(n[0], n[1]), rest: vec![n[2], n[3]], label: "whole" };
    structure_by_value: value Whole<f64>, Whole<T>, |p| [p.half.0, p.half.1, p.rest[0], p.rest[1]],
        |n| Whole { half: Half(n[0], n[1]), rest: vec![n[2], n[3]], label: "whole" };
}

mod scalar {
    use super::*;

    pub(super) use super::formula as f;

    #[differentiable]
    pub(super) fn pair<T: Real>(a: T, b: T, c: T, d: T, k: T) -> [T; 2] {
        [formula(a, b, c, d, k), other(a, b, c, d, k)]
    }

    #[differentiable(second_order)]
    fn caller(x: &[f64; 5]) -> f64 {
        formula(x[0] * x[0], x[1], x[2].sin(), x[3], x[4] * x[0]) * x[1]
    }

    const A: f64 = X[0];
    const B: f64 = X[1];
    const C: f64 = X[2];
    const D: f64 = X[3];
    const K: f64 = X[4];

    pub(super) fn grad() {
        let (a, b, c, d, k) = f::grad(A, B, C, D, K);
        assert_close([a, b, c, d], k, gradient(), "grad");
    }

    pub(super) fn value_and_grad() {
        let (value, (a, b, c, d, k)) = f::value_and_grad(A, B, C, D, K);
        assert_eq!(value.to_bits(), f(A, B, C, D, K).to_bits());
        assert_close([a, b, c, d], k, gradient(), "value_and_grad");
    }

    pub(super) fn vjp() {
        let mut sums = BEFORE;
        let [a, b, c, d, k] = &mut sums;
        let value = f::vjp(A, B, C, D, K, SEED, a, b, c, d, k);
        assert_eq!(value.to_bits(), f(A, B, C, D, K).to_bits());
        assert_close(first_four(&sums), sums[4], added(), "vjp");
    }

    pub(super) fn pullback() {
        let mut sums = BEFORE;
        let [a, b, c, d, k] = &mut sums;
        let (value, back) = f::pullback(A, B, C, D, K);
        assert_eq!(value.to_bits(), f(A, B, C, D, K).to_bits());
        back(SEED, a, b, c, d, k);
        assert_close(first_four(&sums), sums[4], added(), "pullback");
    }

    pub(super) fn jvp() {
        let [p, q, r, s, t] = DIRECTION;
        let (value, tangent) = f::jvp(A, B, C, D, K, p, q, r, s, t);
        assert_eq!(value.to_bits(), f(A, B, C, D, K).to_bits());
        assert!((tangent - product(&gradient(), &DIRECTION)).abs() < 1e-13);
    }

    pub(super) fn hvp() {
        let [p, q, r, s, t] = DIRECTION;
        let (a, b, c, d, k) = f::hvp(A, B, C, D, K, p, q, r, s, t);
        assert_close([a, b, c, d], k, bent(), "hvp");
    }

    pub(super) fn hessian() {
        let (_, _, hessian) = derivatives(&X, exactly);
        let rows = f::hessian(A, B, C, D, K);
        for ((a, b, c, d, k), want) in [rows.0, rows.1, rows.2, rows.3, rows.4].into_iter().zip(hessian) {
            assert_close([a, b, c, d], k, want, "a row of the Hessian");
        }
    }

    pub(super) fn jacobian() {
        let of_other = |x: &[Exact; 5]| other(x[0], x[1], x[2], x[3], x[4]);
        let wanted = [gradient(), derivatives(&X, of_other).1];
        let (a, b, c, d, k) = pair::jacobian(A, B, C, D, K);
        for i in 0..2 {
            assert_close([a[i], b[i], c[i], d[i]], k[i], wanted[i], "a row of the Jacobian");
        }
    }

    pub(super) fn outputs() {
        let mut sums = BEFORE;
        let [a, b, c, d, k] = &mut sums;
        pair::vjp(A, B, C, D, K, &SEEDS, a, b, c, d, k);
        assert_close(first_four(&sums), sums[4], of_outputs(), "vjp of an array");
    }

    pub(super) fn called() {
        assert_calls(caller::grad(&X), caller::hessian(&X), |x| formula(x[0] * x[0], x[1], x[2].sin(), x[3], x[4] * x[0]) * x[1]);
    }
}

/// The value of `other` is left in the first number, the product of the second and the third in the second.
fn left(x: &[Exact; 5]) -> Exact {
    other(x[0], x[1], x[2], x[3], x[4])
}

/// Cotangents of what is left, and what they are at what was found, with that of the value.
const AFTER: [f64; 5] = [2.0, 3.0, 5.0, 7.0, 0.0];

fn found() -> [f64; 5] {
    let (of_value, of_left) = (gradient(), derivatives(&X, left).1);
    let mut found: [f64; 5] = std::array::from_fn(|i| SEED * of_value[i] + AFTER[0] * of_left[i]);
    found[1] += AFTER[1] * X[2];
    found[2] += AFTER[1] * X[1] + AFTER[2];
    found[3] += AFTER[3];
    found
}

/// The tangents of what is left.
fn pushed() -> [f64; 5] {
    let [_, b, c, d, _] = DIRECTION;
    [product(&derivatives(&X, left).1, &DIRECTION), b * X[2] + c * X[1], c, d, 0.0]
}

/// What a caller computes from the value, and from what is left in the first two numbers.
fn changed_by_a_caller(x: &[Exact; 5]) -> Exact {
    let [a, b, c, d, k] = [x[0] * x[0], x[1], x[2].sin(), x[3], x[4] * x[0]];
    formula(a, b, c, d, k) * (b * c) + other(a, b, c, d, k) * x[1]
}

macro_rules! changed {
    (@lend slice $p:expr) => { &mut $p[..] };
    (@lend reference $p:expr) => { &mut $p };
    (@caller slice |$n:ident, $p:ident| $pack:expr, $first:expr, $second:expr) => {
        changed!(@caller |$n, $p| $pack, &mut $p[..], $first, $second);
    };
    (@caller reference |$n:ident, $p:ident| $pack:expr, $first:expr, $second:expr) => {
        changed!(@caller |$n, $p| $pack, &mut $p, $first, $second);
    };
    (@caller |$n:ident, $p:ident| $pack:expr, $lent:expr, $first:expr, $second:expr) => {
        #[differentiable(second_order)]
        fn caller(x: &[f64; 5]) -> f64 {
            let $n = [x[0] * x[0], x[1], x[2].sin(), x[3]];
            let mut $p = $pack;
            let value = f($lent, x[4] * x[0]);
            value * $second + $first * x[1]
        }
    };
    ($($name:ident $([const $length:ident])?: $how:ident $ty:ty, $generic:ty, |$p:ident| [$first:expr, $second:expr, $third:expr, $fourth:expr],
        |$n:ident| $pack:expr;)*) => {$(
        mod $name {
            use super::*;

            #[differentiable(wrt(p, k), second_order)]
            pub(super) fn f$(<const $length: usize>)?($p: $ty, k: f64) -> f64 {
                let value = formula($first, $second, $third, $fourth, k);
                $first = other($first, $second, $third, $fourth, k);
                $second = $second * $third;
                value
            }

            #[differentiable(wrt(p, k), second_order)]
            pub(super) fn generic<T: Real $(, const $length: usize)?>($p: $generic, k: T) -> T {
                let value = formula($first, $second, $third, $fourth, k);
                $first = other($first, $second, $third, $fourth, k);
                $second = $second * $third;
                value
            }

            #[differentiable(wrt(p, k))]
            pub(super) fn pair$(<const $length: usize>)?($p: $ty, k: f64) -> [f64; 2] {
                $second *= k;
                [$first, $second]
            }

            changed!(@caller $how |$n, $p| $pack, $first, $second);

            macro_rules! point {
                ($numbers:expr) => {{
                    let $n = first_four(&$numbers);
                    $pack
                }};
            }

            /// The value, and what is left.
            fn run() -> (f64, [f64; 4]) {
                let mut $p = point!(X);
                let value = f(changed!(@lend $how $p), X[4]);
                (value, [$first, $second, $third, $fourth])
            }

            pub(super) fn vjp() {
                let (mut q, mut d_q, mut d_l) = (point!(X), point!(AFTER), 0.0);
                let of_generic = generic::vjp(changed!(@lend $how q), X[4], SEED, changed!(@lend $how d_q), &mut d_l);
                let ($p, mut d_p, mut d_k) = (&mut point!(X), point!(AFTER), 0.0);
                let value = f::vjp($p, X[4], SEED, changed!(@lend $how d_p), &mut d_k);
                assert_eq!((value, [$first, $second, $third, $fourth]), run());
                assert_eq!(of_generic, value);
                for ($p, d_k) in [(d_p, d_k), (d_q, d_l)] {
                    assert_close([$first, $second, $third, $fourth], d_k, found(), "vjp");
                }
            }

            pub(super) fn pullback() {
                let (mut q, mut d_q, mut d_l) = (point!(X), point!(AFTER), 0.0);
                let (of_generic, back) = generic::pullback(changed!(@lend $how q), X[4]);
                back(SEED, changed!(@lend $how d_q), &mut d_l);
                let ($p, mut d_p, mut d_k) = (&mut point!(X), point!(AFTER), 0.0);
                let (value, back) = f::pullback($p, X[4]);
                back(SEED, changed!(@lend $how d_p), &mut d_k);
                assert_eq!((value, [$first, $second, $third, $fourth]), run());
                assert_eq!(of_generic, value);
                for ($p, d_k) in [(d_p, d_k), (d_q, d_l)] {
                    assert_close([$first, $second, $third, $fourth], d_k, found(), "pullback");
                }
            }

            pub(super) fn jvp() {
                let (mut q, mut dot_q) = (point!(X), point!(DIRECTION));
                let of_generic = generic::jvp(changed!(@lend $how q), X[4], changed!(@lend $how dot_q), DIRECTION[4]);
                let ($p, mut dot_p) = (&mut point!(X), point!(DIRECTION));
                let (value, tangent) = f::jvp($p, X[4], changed!(@lend $how dot_p), DIRECTION[4]);
                assert_eq!((value, [$first, $second, $third, $fourth]), run());
                assert_eq!(of_generic.0, value);
                for (tangent, $p) in [(tangent, dot_p), (of_generic.1, dot_q)] {
                    assert!((tangent - product(&gradient(), &DIRECTION)).abs() < 1e-13, "the tangent is {tangent}");
                    assert_close([$first, $second, $third, $fourth], 0.0, pushed(), "jvp");
                }
            }

            pub(super) fn outputs() {
                let (mut p, mut d_p, mut d_k) = (point!(X), point!(AFTER), 0.0);
                pair::vjp(changed!(@lend $how p), X[4], &SEEDS, changed!(@lend $how d_p), &mut d_k);
                let ($p, into_second) = (d_p, AFTER[1] + SEEDS[1]);
                let want = [AFTER[0] + SEEDS[0], into_second * X[4], AFTER[2], AFTER[3], into_second * X[1]];
                assert_close([$first, $second, $third, $fourth], d_k, want, "vjp of an array");
            }

            pub(super) fn called() {
                assert_calls(caller::grad(&X), caller::hessian(&X), changed_by_a_caller);
            }
        }
    )*};
}

changed! {
    changed_array: reference &mut [f64; 4], &mut [T; 4], |p| [p[0], p[1], p[2], p[3]], |n| n;
    changed_array_of_any_length [const N]: reference &mut [f64; N], &mut [T; N], |p| [p[0], p[1], p[2], p[3]], |n| n;
    changed_nested_array: reference &mut [[f64; 2]; 2], &mut [[T; 2]; 2], |p| [p[0][0], p[0][1], p[1][0], p[1][1]],
        |n| [[n[0], n[1]], [n[2], n[3]]];
    changed_slice: slice &mut [f64], &mut [T], |p| [p[0], p[1], p[2], p[3]], |n| n;
    changed_slice_of_structs: slice &mut [Half<f64>], &mut [Half<T>], |p| [p[0].0, p[0].1, p[1].0, p[1].1],
        |n| [Half(n[0], n[1]), Half(n[2], n[3])];
    changed_vec: reference &mut Vec<f64>, &mut Vec<T>, |p| [p[0], p[1], p[2], p[3]], |n| n.to_vec();
    changed_tuple: reference &mut (f64, [f64; 2], f64), &mut (T, [T; 2], T), |p| [p.0, p.1[0], p.1[1], p.2],
        |n| (n[0], [n[1], n[2]], n[3]);
    changed_structure: reference &mut Whole<f64>, &mut Whole<T>, |p| [p.half.0, p.half.1, p.rest[0], p.rest[1]],
        |n| Whole { half: Half(n[0], n[1]), rest: vec![n[2], n[3]], label: "whole" };
}

mod changed_scalar {
    use super::*;

    #[differentiable(second_order)]
    pub(super) fn f<T: Real>(a: &mut T, b: &mut T, c: T, d: T, k: T) -> T {
        let value = formula(*a, *b, c, d, k);
        *a = other(*a, *b, c, d, k);
        *b *= c;
        value
    }

    #[differentiable]
    pub(super) fn pair(a: &mut f64, k: f64) -> [f64; 2] {
        *a *= k;
        [*a, k]
    }

    #[differentiable(second_order)]
    fn caller(x: &[f64; 5]) -> f64 {
        let (mut a, mut b) = (x[0] * x[0], x[1]);
        let value = f(&mut a, &mut b, x[2].sin(), x[3], x[4] * x[0]);
        value * b + a * x[1]
    }

    const A: f64 = X[0];
    const B: f64 = X[1];
    const C: f64 = X[2];
    const D: f64 = X[3];
    const K: f64 = X[4];

    pub(super) fn vjp() {
        let (mut a, mut b) = (A, B);
        let [mut d_a, mut d_b, mut d_c, mut d_d, mut d_k] = AFTER;
        let value = f::vjp(&mut a, &mut b, C, D, K, SEED, &mut d_a, &mut d_b, &mut d_c, &mut d_d, &mut d_k);
        assert_eq!((value, a, b), (f(&mut A.clone(), &mut B.clone(), C, D, K), other(A, B, C, D, K), B * C));
        assert_close([d_a, d_b, d_c, d_d], d_k, found(), "vjp");
    }

    pub(super) fn pullback() {
        let (mut a, mut b) = (A, B);
        let [mut d_a, mut d_b, mut d_c, mut d_d, mut d_k] = AFTER;
        let (value, back) = f::pullback(&mut a, &mut b, C, D, K);
        back(SEED, &mut d_a, &mut d_b, &mut d_c, &mut d_d, &mut d_k);
        assert_eq!((value, a, b), (f(&mut A.clone(), &mut B.clone(), C, D, K), other(A, B, C, D, K), B * C));
        assert_close([d_a, d_b, d_c, d_d], d_k, found(), "pullback");
    }

    pub(super) fn jvp() {
        let (mut a, mut b) = (A, B);
        let [mut a_dot, mut b_dot, c, d, k] = DIRECTION;
        let (value, tangent) = f::jvp(&mut a, &mut b, C, D, K, &mut a_dot, &mut b_dot, c, d, k);
        assert_eq!((value, a, b), (f(&mut A.clone(), &mut B.clone(), C, D, K), other(A, B, C, D, K), B * C));
        assert!((tangent - product(&gradient(), &DIRECTION)).abs() < 1e-13);
        assert_close([a_dot, b_dot, c, d], 0.0, pushed(), "jvp");
    }

    pub(super) fn outputs() {
        let (mut a, mut d_a, mut d_k) = (A, AFTER[0], 0.0);
        pair::vjp(&mut a, K, &SEEDS, &mut d_a, &mut d_k);
        let into_a = AFTER[0] + SEEDS[0];
        assert_eq!((a, d_a, d_k), (A * K, into_a * K, into_a * A + SEEDS[1]));
    }

    pub(super) fn called() {
        assert_calls(caller::grad(&X), caller::hessian(&X), changed_by_a_caller);
    }
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
    let added: [f64; 5] = std::array::from_fn(|i| BEFORE[i] + SEED * gradient[i]);
    let (mut d_p, mut d_k) = (whole(first_four(&BEFORE)), 50.0);
    p.value_vjp(k, SEED, &mut d_p, &mut d_k);
    assert_close(numbers(&d_p), d_k, added, "vjp");
    let (mut d_p, mut d_k) = (whole(first_four(&BEFORE)), 50.0);
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
