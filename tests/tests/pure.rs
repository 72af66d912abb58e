//! Calls of pure functions that give the same in every iteration of a loop: one stands for all.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};
use quote::quote;

/// Numbers that round differently in another order.
fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 37 + 11) % 101) as f64 / 70.0 - 0.7).collect()
}

#[differentiable(second_order)]
fn norm(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum::<f64>().sqrt()
}

#[differentiable(second_order)]
fn mean(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for v in x {
        sum += v;
    }
    sum / x.len() as f64
}

#[test]
fn a_call_that_gives_the_same_in_each_iteration_is_differentiated_once() {
    assert_eq!([norm::__IS_PURE, mean::__IS_PURE], [true; 2]);
    #[differentiable(second_order)]
    fn normalized(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..x.len() {
            total += (1.0 + i as f64) * x[i] / norm(x);
        }
        total
    }
    #[differentiable(second_order)]
    fn variance(x: &[f64]) -> f64 {
        x.iter().map(|v| (v - mean(x)).powi(2)).sum::<f64>() / x.len() as f64
    }
    assert_eq!([normalized::__IS_PURE, variance::__IS_PURE], [true; 2]);
    for length in [1, 2, 3, 7, 8, 9, 17, 40] {
        agrees!(normalized: point(length));
        agrees!(variance: point(length));
    }
    #[differentiable(second_order)]
    fn both(x: &[f64; 9]) -> f64 {
        normalized(x) * variance(x)
    }
    agrees_twice!(both, 9, point(9));
    assert_eq!(normalized::value_and_grad(&[]), (0.0, vec![]));
}

#[test]
fn it_is_made_once_for_the_value_and_for_what_flows_back() {
    let derivatives = differentiable_compiler::differentiable(
        quote!(),
        quote!(
            fn normalized(x: &[f64]) -> f64 {
                let mut total = 0.0;
                for i in 0..x.len() {
                    total += x[i] / norm(x);
                }
                total
            }
        ),
    );
    let text = derivatives.to_string();
    assert!(text.contains("__callee :: __split"), "{text}");
    assert!(!text.contains("__callee :: __fused"), "neither half is run by the other entry once more\n{text}");
}

#[test]
fn what_its_arguments_are_computed_from_goes_with_it() {
    #[differentiable(second_order)]
    fn scale(a: f64, b: f64) -> f64 {
        (a * b).tanh() + a
    }
    #[differentiable(second_order)]
    fn scaled(p: &[f64; 5]) -> f64 {
        let mut total = 0.0;
        let x = &p[3..];
        for i in 0..x.len() {
            let wide = 2.0 * p[1] + 1.0;
            let outer = scale(scale(p[0], wide), p[2].exp());
            total += x[i] * outer + wide;
        }
        total
    }
    agrees_twice!(scaled, 5, [0.3, -0.4, 0.2, 0.7, -0.1]);
}

#[test]
fn it_leaves_several_loops_at_once_and_is_not_made_where_one_of_them_does_not_run() {
    #[differentiable(second_order)]
    fn first(x: &[f64]) -> f64 {
        x[0] * x[0]
    }
    #[differentiable(second_order)]
    fn nested(x: &[f64], w: &[f64], rows: usize, columns: usize) -> f64 {
        let mut total = 0.0;
        for i in 0..rows {
            for j in 0..columns {
                total += w[i] * w[j] * first(x) + first(&w[..2]) * w[j];
            }
        }
        total
    }
    #[differentiable(second_order)]
    fn at_sizes(p: &[f64; 8]) -> f64 {
        nested(&p[..3], &p[3..], 1, 1) + nested(&p[..3], &p[3..], 3, 2) * nested(&p[..1], &p[3..], 2, 5)
    }
    agrees_twice!(at_sizes, 8, point(8));
    // `first(&[])` would be out of bounds
    for (rows, columns) in [(0, 0), (0, 3), (3, 0)] {
        assert_eq!(nested::value_and_grad(&[], &[1.0], rows, columns), (0.0, (vec![], vec![0.0])));
    }
}

#[test]
fn what_changes_in_the_loop_is_asked_anew() {
    #[differentiable(second_order)]
    fn changing(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        let mut total = 0.0;
        for i in 0..y.len() {
            y[i] *= 1.5;
            total += y[i] / norm(&y) + norm(&x[i..]) * norm(x);
        }
        total
    }
    #[differentiable(second_order)]
    fn carried(x: &[f64]) -> f64 {
        let mut state = [0.5, 0.25];
        for v in x {
            state = [state[1] + v, norm(&state)];
        }
        state[0] * state[1]
    }
    #[differentiable(second_order)]
    fn both(x: &[f64; 9]) -> f64 {
        changing(x) * carried(x)
    }
    for length in [1, 2, 9, 12] {
        agrees!(changing: point(length));
        agrees!(carried: point(length));
    }
    agrees_twice!(both, 9, point(9));
}

#[test]
fn a_loop_that_is_left_early_makes_it_in_its_first_iteration() {
    #[differentiable(second_order)]
    fn left(x: &[f64], most: f64) -> f64 {
        let mut total = 0.0;
        for v in x {
            total += v * norm(x);
            if total > most {
                break;
            }
            if *v < 0.0 {
                continue;
            }
            total += mean(x) * v * v;
        }
        total
    }
    for most in [-10.0, 0.3, 0.9, 50.0] {
        #[differentiable(second_order)]
        fn within(x: &[f64; 10]) -> f64 {
            left(&x[..9], x[9])
        }
        let mut x = point(10);
        x[9] = most;
        agrees_twice!(within, 10, x);
    }
}

#[test]
fn functions_that_may_do_more_than_compute_are_called_as_often_as_they_are_written() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn note() -> f64 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        1.0
    }
    #[differentiable]
    fn counted(x: &[f64]) -> f64 {
        let one = note();
        x[0] * one
    }
    #[differentiable]
    fn through(x: &[f64]) -> f64 {
        counted(x) + 1.0
    }
    #[differentiable]
    fn noted(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for v in x {
            total += v * through(x);
        }
        total
    }
    assert_eq!([counted::__IS_PURE, through::__IS_PURE, noted::__IS_PURE], [false; 3]);
    let (value, gradient) = noted::value_and_grad(&[1.0, 2.0, 3.0]);
    assert_eq!((value, gradient), (12.0, vec![8.0, 2.0, 2.0]));
    assert_eq!(CALLS.load(Ordering::Relaxed), 3);
}

#[test]
fn a_static_a_cell_a_trait_and_a_function_that_is_given_may_give_something_else_each_time() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    #[differentiable]
    fn of_a_static(x: f64) -> f64 {
        let n = COUNT.load(Ordering::Relaxed);
        x * n as f64
    }
    #[differentiable(wrt(x))]
    fn of_a_cell(x: f64, state: &Cell<f64>) -> f64 {
        let now = state.get();
        x * now
    }
    #[differentiable]
    fn of_a_function(x: f64, f: impl Fn(f64) -> f64) -> f64 {
        x * f(x)
    }
    #[differentiable]
    fn of_a_macro(x: f64) -> f64 {
        println!("once");
        x * x
    }
    trait Drawn {
        fn drawn(&self) -> f64;
    }
    impl Drawn for usize {
        fn drawn(&self) -> f64 {
            (*self + COUNT.fetch_add(1, Ordering::Relaxed)) as f64
        }
    }
    #[differentiable]
    fn of_a_trait(x: f64, n: usize) -> f64 {
        let now = n.drawn();
        x * now
    }
    #[differentiable]
    fn of_what_counts(x: f64) -> f64 {
        let now = COUNT.fetch_add(1, Ordering::Relaxed);
        x * now as f64
    }
    let values = [of_a_static(2.0), of_a_cell(2.0, &Cell::new(0.5)), of_a_function(2.0, |x| x + 1.0), of_a_macro(2.0)];
    assert_eq!(values, [0.0, 1.0, 6.0, 4.0]);
    assert_eq!([of_a_trait(2.0, 1), of_what_counts(2.0)], [2.0, 2.0]);
    assert_eq!([of_a_static::__IS_PURE, of_a_cell::__IS_PURE, of_a_function::__IS_PURE], [false; 3]);
    assert_eq!([of_a_macro::__IS_PURE, of_a_trait::__IS_PURE, of_what_counts::__IS_PURE], [false; 3]);
}

#[test]
fn numbers_known_methods_and_pure_functions_keep_a_function_pure() {
    mod inner {
        use differentiable::prelude::*;

        #[differentiable]
        pub fn halved(x: f64) -> f64 {
            assert!(x.is_finite(), "finite");
            0.5 * x.abs().sqrt().max(0.1)
        }
    }
    const WEIGHTS: [f64; 3] = [0.2, 0.3, 0.5];
    #[differentiable]
    fn weighted<T: Real, const N: usize>(x: &[T; N]) -> T {
        let mut total = T::ZERO;
        for (i, v) in x.iter().enumerate() {
            if i % 2 == 0 {
                total += *v * 2.0;
            } else {
                total -= v.sin();
            }
        }
        total
    }
    #[differentiable]
    fn mixed(x: &[f64], n: usize) -> f64 {
        let double = |v: f64| 2.0 * v;
        let count = n.min(x.len());
        let parts: Vec<f64> = x.iter().take(count).map(|v| double(*v)).collect();
        let best = parts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let dot: f64 = WEIGHTS.iter().zip(x).map(|(w, v)| w * v).sum();
        inner::halved(best) + dot + f64::max(x[0], 0.0) + weighted(&[x[0], x[1]])
    }
    assert_eq!([inner::halved::__IS_PURE, weighted::__IS_PURE, mixed::__IS_PURE], [true; 3]);
    #[differentiable]
    fn sum(x: &[f64]) -> f64 {
        (0..x.len()).map(|i| x[i] * mixed(x, 3)).sum()
    }
    agrees!(sum: point(6));
}

#[test]
fn a_function_of_a_trait_may_give_something_else_each_time() {
    thread_local! { static DRAWS: Cell<usize> = const { Cell::new(0) }; }
    fn draw() -> usize {
        DRAWS.set(DRAWS.get() + 1);
        DRAWS.get()
    }
    trait Random {
        fn random() -> Self;
    }
    impl Random for bool {
        fn random() -> Self {
            draw().is_multiple_of(2)
        }
    }
    impl Random for f64 {
        fn random() -> Self {
            draw() as f64
        }
    }
    struct Noise;
    impl std::ops::Mul<f64> for Noise {
        type Output = f64;
        fn mul(self, x: f64) -> f64 {
            x * draw() as f64
        }
    }
    #[differentiable]
    fn dropped(x: f64) -> f64 {
        if bool::random() { x } else { 0.0 }
    }
    #[differentiable]
    fn scaled(x: f64) -> f64 {
        f64::random() * x
    }
    #[differentiable]
    fn scaled_in_any_type<T: Real + Random>(x: T) -> T {
        T::random() * x
    }
    #[differentiable]
    fn noisy(x: f64) -> f64 {
        let k = Noise * 2.0;
        x * k
    }
    assert_eq!([dropped::__IS_PURE, scaled::__IS_PURE, scaled_in_any_type::__IS_PURE, noisy::__IS_PURE], [false; 4]);
    #[differentiable]
    fn sum(x: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..4 {
            sum += dropped(x) * i as f64 + scaled(x) * i as f64 + scaled_in_any_type(x) + noisy(x) * (i + 1) as f64;
        }
        sum
    }
    let value = sum(2.0);
    DRAWS.set(0);
    assert_eq!(sum::value_and_grad(2.0), (value, value / 2.0));
}
