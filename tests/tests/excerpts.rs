//! What loops read of sequences that are overwritten later is copied in front of them, where that is less than to record each number: sequences behind
//! `&mut`, in fields, in rows and in vectors, whole and in part, in every kind of loop. Each function stands at a corner; all derivatives are compared with
//! differences, with forward mode, and with each other.

#![allow(clippy::needless_range_loop, clippy::reversed_empty_ranges, reason = "indices are what is tested")]
#![allow(clippy::ptr_arg, clippy::assign_op_pattern, reason = "vectors behind references and stores are what is tested")]

use differentiable::prelude::*;
use differentiable_compiler::differentiable;
use differentiable_tests::{agrees_twice, halves_agree};
use quote::quote;

/// Points without zeros and ties.
const POINTS: [[f64; 4]; 2] = [[0.2, 0.9, -0.3, 0.7], [0.8, 0.1, 0.4, -0.5]];

/// Reverse mode in one go and in two halves, twice, forward mode, and the value's bits.
macro_rules! agrees_in_all {
    ($function:ident) => {{
        agrees_twice!($function, 4, POINTS[0], POINTS[1]);
        halves_agree!($function, 4, POINTS[0], POINTS[1]);
    }};
}

/// The text of all derivatives.
fn expanded(arguments: proc_macro2::TokenStream, function: proc_macro2::TokenStream) -> String {
    let text = differentiable(arguments, function).to_string();
    assert!(!text.contains("compile_error"), "{text}");
    text
}

/// So many numbers, of which each depends on one of the four.
#[differentiable(wrt(x), second_order)]
fn spread(x: &[f64; 4], count: usize) -> Vec<f64> {
    let mut numbers = vec![0.0; count];
    for i in 0..count {
        numbers[i] = x[i % 4] * (0.7 + 0.1 * i as f64);
    }
    numbers
}

#[differentiable(wrt(u), second_order)]
fn weighted(u: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..u.len() {
        total += u[i] * u[i] * (1.0 + i as f64) + u[i];
    }
    total
}

#[test]
fn a_slice_that_steps_overwrite_agrees() {
    #[differentiable(wrt(u, k), second_order)]
    fn steps(u: &mut [f64], k: f64, count: usize) {
        let n = u.len();
        let mut new = u.to_vec();
        for _ in 0..count {
            for i in 1..n - 1 {
                new[i] = u[i] - k * u[i] * (u[i + 1] - u[i - 1]);
            }
            u.copy_from_slice(&new);
        }
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut u = spread(x, 23);
        steps(&mut u, 0.05 * x[3], 4);
        steps(&mut u, 0.05 * x[0], 1);
        steps(&mut u, x[1], 0);
        weighted(&u)
    }
    agrees_in_all!(f);
    // too short for any iteration
    #[differentiable(second_order)]
    fn short(x: &[f64; 4]) -> f64 {
        let mut u = vec![x[0], x[1]];
        steps(&mut u, x[3], 3);
        let mut one = vec![x[2]];
        steps(&mut one, x[3], 2);
        weighted(&u) * one[0]
    }
    agrees_in_all!(short);
}

#[test]
fn two_places_that_are_exchanged_agree() {
    #[derive(Clone, Debug, Differentiable)]
    struct Grid {
        now: Vec<f64>,
        next: Vec<f64>,
        rate: f64,
    }
    impl Grid {
        #[differentiable(wrt(self, k), second_order)]
        fn advance(&mut self, k: f64, steps: usize) {
            let n = self.now.len();
            for _ in 0..steps {
                for i in 1..n - 1 {
                    self.next[i] = self.now[i] * (1.0 + k * self.now[i + 1] - self.rate * self.now[i - 1]);
                }
                self.next[0] = self.now[n - 1] * self.now[0];
                std::mem::swap(&mut self.now, &mut self.next);
            }
        }
    }
    #[differentiable(second_order)]
    fn of_self(x: &[f64; 4]) -> f64 {
        let mut grid = Grid { now: spread(x, 11), next: spread(x, 11), rate: x[2] };
        grid.advance(x[1], 3);
        weighted(&grid.now) + weighted(&grid.next) * grid.rate
    }
    agrees_in_all!(of_self);
    #[differentiable(second_order)]
    fn of_a_variable(x: &[f64; 4]) -> f64 {
        let mut grid = Grid { now: spread(x, 9), next: spread(x, 9), rate: x[2] };
        for _ in 0..5 {
            for i in 1..8 {
                grid.next[i] = grid.now[i] * (x[0] + grid.now[i + 1] - grid.rate * grid.now[i - 1]);
            }
            std::mem::swap(&mut grid.now, &mut grid.next);
            std::mem::swap(&mut grid.rate, &mut grid.now[0]);
        }
        weighted(&grid.now) + weighted(&grid.next) * grid.rate
    }
    agrees_in_all!(of_a_variable);
    #[differentiable(wrt(u, v), second_order)]
    fn exchanged(u: &mut Vec<f64>, v: &mut Vec<f64>, steps: usize) {
        for t in 0..steps {
            for i in 0..u.len() {
                v[i] += u[i] * u[i];
            }
            if t % 3 != 1 {
                std::mem::swap(u, v);
            }
        }
    }
    #[differentiable(second_order)]
    fn of_parameters(x: &[f64; 4]) -> f64 {
        let mut u = spread(x, 6);
        let mut v = vec![x[0] * x[1]; 6];
        exchanged(&mut u, &mut v, 4);
        weighted(&u) * x[3] + weighted(&v)
    }
    agrees_in_all!(of_parameters);
    #[differentiable(wrt(pairs), second_order)]
    fn turned(pairs: &mut ([f64; 5], [f64; 5]), steps: usize) {
        for _ in 0..steps {
            for i in 0..4 {
                pairs.0[i] -= 0.3 * pairs.1[i + 1] * pairs.1[i];
            }
            std::mem::swap(&mut pairs.0, &mut pairs.1);
        }
    }
    #[differentiable(second_order)]
    fn of_a_tuple(x: &[f64; 4]) -> f64 {
        let mut pairs = ([x[0]; 5], [x[1], x[2], x[3], x[0], x[1]]);
        turned(&mut pairs, 3);
        weighted(&pairs.0) + weighted(&pairs.1) * x[2]
    }
    agrees_in_all!(of_a_tuple);
}

#[test]
fn sequences_in_fields_of_one_variable_agree() {
    #[derive(Clone, Debug, Differentiable)]
    struct Inner {
        values: [f64; 7],
        sum: f64,
    }
    #[derive(Clone, Debug, Differentiable)]
    struct State {
        a: Vec<f64>,
        b: Vec<f64>,
        inner: Inner,
        both: [Inner; 2],
        scale: f64,
    }
    #[differentiable(wrt(state), second_order)]
    fn advance(state: &mut State, count: usize) {
        for t in 0..count {
            for i in 1..6 {
                state.a[i] += 0.1 * state.b[i - 1] * state.b[i + 1] * state.scale;
                state.inner.values[i] -= 0.2 * state.b[i] * state.both[t % 2].values[i];
                state.inner.sum += state.b[i];
            }
            for i in 0..6 {
                state.both[1].values[i] = state.a[i] * state.inner.values[i] + state.both[0].values[i + 1];
                state.both[0].sum += state.both[1].values[i];
            }
            std::mem::swap(&mut state.a, &mut state.b);
            for i in 0..7 {
                state.a[i] = 0.5 * state.a[i] * state.inner.sum + state.inner.values[6 - i];
            }
            std::mem::swap(&mut state.inner.sum, &mut state.scale);
        }
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let inner = Inner { values: [x[0], x[1], x[2], x[3], 0.1, x[0] * x[1], 0.3], sum: 0.1 * x[2] };
        let other = Inner { values: [0.5 * x[1]; 7], sum: x[0] };
        let both = [inner.clone(), other];
        let mut state = State { a: spread(x, 7), b: spread(x, 7), inner, both, scale: 0.5 + 0.1 * x[3] };
        advance(&mut state, 3);
        let inside = weighted(&state.inner.values) + weighted(&state.both[1].values) + state.both[0].sum;
        weighted(&state.a) + weighted(&state.b) * state.scale + inside * state.inner.sum
    }
    agrees_in_all!(f);
    let exchanged = quote!(
        fn exchanged(grid: &mut Grid, steps: usize) {
            for _ in 0..steps {
                for i in 1..grid.now.len() - 1 {
                    grid.next[i] = grid.now[i] * grid.now[i + 1];
                }
                std::mem::swap(&mut grid.now, &mut grid.next);
            }
        }
    );
    let text = expanded(quote!(wrt(grid)), exchanged);
    assert!(text.contains("let d_grid_now = & mut d_grid . now ;"), "{text}");
    assert!(text.contains("let d_grid_next = & mut d_grid . next ;"), "{text}");
}

#[test]
fn parts_of_every_kind_agree() {
    // backwards, to the end, from a number that is no literal, at a sum and at a difference, and not at all
    #[differentiable(wrt(u, v), second_order)]
    fn parts(u: &mut [f64], v: &mut [f64], k: usize, steps: usize) {
        let n = u.len();
        for t in 0..steps {
            for i in (0..n - 1).rev() {
                v[i] += 0.1 * u[i] * u[i + 1];
            }
            for i in 2..=n - 3 {
                v[i] -= 0.2 * u[i - 2] * u[i + 2];
            }
            for j in k + t..n {
                v[j - k] *= 1.0 + u[j] * u[j - k];
            }
            for j in t..n - k {
                u[j] = 0.5 * v[j + k] * v[j + k - t] + u[j];
            }
            for j in n + 3..n {
                u[j] = v[j] * v[j];
            }
            for j in n + 5..n + 2 {
                v[j] = u[j + 4] * u[j + 4];
            }
            for j in 5..9 {
                u[j] -= v[j - 3] * v[j];
            }
        }
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut u = spread(x, 9);
        let mut v = vec![x[2] + 0.5; 9];
        parts(&mut u, &mut v, 2, 3);
        weighted(&u) + weighted(&v)
    }
    agrees_in_all!(f);
    // rows of matrices: in a row of memory, and one by one
    #[differentiable(wrt(m, w), second_order)]
    fn rows(m: &mut [f64], w: &mut [[f64; 6]; 3], n: usize, steps: usize) {
        for t in 0..steps {
            for r in 1..3 {
                for j in 0..n {
                    w[r][j] += m[r * n + j] * m[j + (r - 1) * n] * 0.3;
                }
                for j in r..n {
                    m[t % 3 * n + j] -= 0.1 * w[r][j] * w[r - 1][j - r];
                }
            }
        }
    }
    #[differentiable(second_order)]
    fn of_rows(x: &[f64; 4]) -> f64 {
        let mut m = spread(x, 18);
        let mut w = [[x[0], x[1], x[2], x[3], x[0] * x[1], x[2]], [x[1]; 6], [x[3]; 6]];
        rows(&mut m, &mut w, 6, 4);
        weighted(&m) + weighted(&w[0]) + weighted(&w[1]) + weighted(&w[2])
    }
    agrees_in_all!(of_rows);
}

#[test]
fn loops_inside_of_others_and_of_choices_agree() {
    #[differentiable(wrt(u), second_order)]
    fn nested(u: &mut Vec<f64>, epochs: usize) {
        let mut v = u.clone();
        let mut epoch = 0;
        while epoch < epochs {
            for t in 0..epoch + 1 {
                if t % 2 == 0 {
                    for i in 1..u.len() {
                        v[i] += 0.1 * u[i - 1] * u[i];
                    }
                } else {
                    for i in 0..u.len() {
                        v[i] -= 0.2 * (u[i] * u[i]).sin();
                    }
                }
                for i in 0..u.len() {
                    u[i] = 0.3 * v[i] * v[i] + 0.5 * u[i];
                }
            }
            if u[0] > 1e6 {
                break;
            }
            epoch += 1;
        }
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut u = spread(x, 7);
        nested(&mut u, 4);
        weighted(&u)
    }
    agrees_in_all!(f);
    // a function of any scalar, with a number of steps and of elements that are parameters
    #[differentiable(wrt(q, v, h), second_order)]
    fn leap<T: Real, const N: usize>(q: &mut [T; N], v: &mut [T; N], h: T, steps: usize) {
        for _ in 0..steps {
            for i in 0..N {
                v[i] -= h * q[i] * (1.0 + q[i] * q[i]);
            }
            for i in 0..N {
                q[i] += h * v[i];
            }
        }
    }
    #[differentiable(second_order)]
    fn of_any_scalar(x: &[f64; 4]) -> f64 {
        let (mut q, mut v) = (*x, [0.1, x[0] * x[0], -0.2, x[1]]);
        leap(&mut q, &mut v, 0.1 + 0.1 * x[2], 9);
        weighted(&q) + weighted(&v)
    }
    agrees_in_all!(of_any_scalar);
}

#[test]
fn one_copy_stands_for_all_numbers_of_a_loop() {
    let stencil = quote!(
        fn stencil(u: &mut [f64], v: &mut [f64], k: f64, steps: usize) {
            for _ in 0..steps {
                for i in 1..u.len() - 1 {
                    v[i] = k * u[i] * (u[i + 1] - u[i - 1]);
                }
                for i in 0..u.len() {
                    u[i] += v[i];
                }
            }
        }
    );
    let text = expanded(quote!(), stencil);
    assert!(text.contains("u_excerpt_tape . put_copy (& u [.. u_past])"), "{text}");
    assert!(!text.contains("v_excerpt"), "{text}");
    // of three sequences one number is recorded
    let sum = quote!(
        fn sum(u: &mut [f64], v: &mut [f64], w: &mut [f64], steps: usize) {
            for _ in 0..steps {
                for i in 0..u.len() {
                    let all = u[i] + v[i];
                    w[i] += all * all;
                }
                for i in 0..u.len() {
                    u[i] += w[i];
                    v[i] -= w[i];
                }
            }
        }
    );
    let text = expanded(quote!(), sum);
    assert!(!text.contains("_excerpt"), "{text}");
    // the number of iterations is a constant, and the records are in place
    let fixed = quote!(
        fn fixed(u: &mut [f64; 8], v: &mut [f64; 8]) {
            for _ in 0..4 {
                for i in 0..8 {
                    v[i] += u[i] * u[i];
                }
                for i in 0..8 {
                    u[i] += v[i];
                }
            }
        }
    );
    let text = expanded(quote!(), fixed);
    assert!(!text.contains("_excerpt"), "{text}");
}

#[test]
#[should_panic(expected = "out of range")]
fn a_loop_over_more_than_there_is_panics() {
    #[differentiable(wrt(u))]
    fn f(u: &mut [f64], count: usize, steps: usize) {
        for _ in 0..steps {
            let mut new = 0.0;
            for i in 0..count {
                new += u[i] * u[i];
            }
            u[0] = new;
        }
    }
    f::vjp(&mut [0.1, 0.2], 3, 2, &mut [1.0, 1.0]);
}
