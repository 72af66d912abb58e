//! How often the function itself runs: once a call, in every derivative, with its inactive code, also where it is nested.

use std::cell::RefCell;

use differentiable::prelude::*;

thread_local! {
    static RUNS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Counts a run of the function of this number.
fn count(function: usize) {
    RUNS.with_borrow_mut(|runs| {
        let length = runs.len().max(function + 1);
        runs.resize(length, 0);
        runs[function] += 1;
    });
}

/// How often each of the functions ran.
fn runs_of(work: impl FnOnce()) -> Vec<usize> {
    RUNS.take();
    work();
    RUNS.take()
}

#[differentiable(second_order)]
fn link0(x: f64) -> f64 {
    count(0);
    x.sin() * x
}

/// Functions that each call the one before between nonlinear steps.
macro_rules! links {
    ($($name:ident $before:ident $number:literal)*) => {$(
        #[differentiable(second_order)]
        fn $name(x: f64) -> f64 {
            count($number);
            let y = $before(x * 0.9);
            (y * x).sin() + y
        }
    )*};
}

links! {
    link1 link0 1
    link2 link1 2
    link3 link2 3
    link4 link3 4
    link5 link4 5
    link6 link5 6
    link7 link6 7
    link8 link7 8
    link9 link8 9
}

#[test]
fn a_chain_of_ten_functions_runs_each_once() {
    let once = vec![1; 10];
    assert_eq!(runs_of(|| _ = link9(0.3)), once, "the function");
    assert_eq!(runs_of(|| _ = link9::grad(0.3)), once, "grad");
    assert_eq!(runs_of(|| _ = link9::value_and_grad(0.3)), once, "value_and_grad");
    assert_eq!(runs_of(|| _ = link9::vjp(0.3, 1.0, &mut 0.0)), once, "vjp");
    assert_eq!(runs_of(|| _ = link9::jvp(0.3, 1.0)), once, "jvp");
    assert_eq!(runs_of(|| link9::pullback(0.3).1(1.0, &mut 0.0)), once, "pullback");
    assert_eq!(runs_of(|| _ = link9::hvp(0.3, 1.0)), once, "hvp");
}

#[differentiable(second_order)]
fn in_a_loop(x: &[f64; 4]) -> f64 {
    let mut s = 1.0;
    for x in x {
        count(1);
        s = link0(s * x) * s;
    }
    s
}

#[differentiable(second_order)]
fn in_a_mean(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in x {
        s += link0(*x);
    }
    count(1);
    s / x.len() as f64
}

#[test]
fn a_loop_that_calls_a_function_runs_it_once_an_iteration() {
    let (x, dot) = ([0.3, 0.7, -0.2, 0.5], [1.0; 4]);
    let each = vec![4, 4];
    assert_eq!(runs_of(|| _ = in_a_loop(&x)), each, "the function");
    assert_eq!(runs_of(|| _ = in_a_loop::grad(&x)), each, "grad");
    assert_eq!(runs_of(|| _ = in_a_loop::value_and_grad(&x)), each, "value_and_grad");
    assert_eq!(runs_of(|| _ = in_a_loop::vjp(&x, 1.0, &mut [0.0; 4])), each, "vjp");
    assert_eq!(runs_of(|| _ = in_a_loop::jvp(&x, &dot)), each, "jvp");
    assert_eq!(runs_of(|| in_a_loop::pullback(&x).1(1.0, &mut [0.0; 4])), each, "pullback");
    assert_eq!(runs_of(|| _ = in_a_loop::hvp(&x, &dot)), each, "hvp");
    let each = vec![4, 1];
    assert_eq!(runs_of(|| _ = in_a_mean::grad(&x)), each, "grad");
    assert_eq!(runs_of(|| _ = in_a_mean::vjp(&x, 1.0, &mut [0.0; 4])), each, "vjp");
    assert_eq!(runs_of(|| _ = in_a_mean::jvp(&x, &dot)), each, "jvp");
    assert_eq!(runs_of(|| in_a_mean::pullback(&x).1(1.0, &mut [0.0; 4])), each, "pullback");
    assert_eq!(runs_of(|| _ = in_a_mean::hvp(&x, &dot)), each, "hvp");
}

/// Two inputs and a long recurrence: its gradient is made of tangents.
#[differentiable(second_order)]
fn by_tangents(a: f64, b: f64) -> f64 {
    let mut s = a;
    count(0);
    for _ in 0..30 {
        count(1);
        s = s * a + s * s * b;
        assert!(s < 1e9);
    }
    s
}

#[test]
fn a_gradient_by_forward_mode_runs_the_function_once() {
    let once = vec![1, 30];
    assert_eq!(runs_of(|| _ = by_tangents(0.3, 0.1)), once, "the function");
    assert_eq!(runs_of(|| _ = by_tangents::grad(0.3, 0.1)), once, "grad");
    assert_eq!(runs_of(|| _ = by_tangents::value_and_grad(0.3, 0.1)), once, "value_and_grad");
    assert_eq!(runs_of(|| _ = by_tangents::vjp(0.3, 0.1, 1.0, &mut 0.0, &mut 0.0)), once, "vjp");
    assert_eq!(runs_of(|| _ = by_tangents::jvp(0.3, 0.1, 1.0, 0.0)), once, "jvp");
    assert_eq!(runs_of(|| by_tangents::pullback(0.3, 0.1).1(1.0, &mut 0.0, &mut 0.0)), once, "pullback");
    assert_eq!(runs_of(|| _ = by_tangents::hvp(0.3, 0.1, 1.0, 0.0)), once, "hvp");
}

/// A call for each construct that can hold one.
#[differentiable(second_order)]
fn everywhere(x: &[f64; 3], n: usize) -> f64 {
    count(1);
    let mut s = if n > 1 { link0(x[0]) } else { x[0] };
    s *= match n {
        0 => 1.0,
        1 => link0(x[1]),
        _ => link0(x[2]) + x[1],
    };
    let mut k = 0;
    while k < n {
        s += link0(s);
        k += 1;
        if k == 3 {
            break;
        }
    }
    let step = |y: f64| link0(y) * x[0];
    s + step(s) + x.iter().map(|x| link0(*x)).sum::<f64>()
}

#[test]
fn calls_in_every_construct_run_as_often_as_in_the_function() {
    let (x, dot) = ([0.3, 0.7, -0.2], [1.0; 3]);
    for n in 0..5 {
        let wanted = runs_of(|| _ = everywhere(&x, n));
        assert_eq!(wanted[1], 1);
        assert_eq!(runs_of(|| _ = everywhere::grad(&x, n)), wanted, "grad");
        assert_eq!(runs_of(|| _ = everywhere::vjp(&x, n, 1.0, &mut [0.0; 3])), wanted, "vjp");
        assert_eq!(runs_of(|| _ = everywhere::jvp(&x, n, &dot)), wanted, "jvp");
        assert_eq!(runs_of(|| everywhere::pullback(&x, n).1(1.0, &mut [0.0; 3])), wanted, "pullback");
        assert_eq!(runs_of(|| _ = everywhere::hvp(&x, n, &dot)), wanted, "hvp");
    }
}

#[differentiable(second_order)]
fn changes(state: &mut [f64; 2], x: f64) {
    count(0);
    state[0] = link1(state[0] * x) * state[1];
}

#[differentiable(second_order)]
fn after_changes(x: &[f64; 2]) -> f64 {
    let mut state = *x;
    changes(&mut state, x[0]);
    changes(&mut state, x[1]);
    state[0]
}

#[test]
fn what_changes_its_arguments_runs_once() {
    let (x, dot) = ([0.3, 0.7], [1.0; 2]);
    let twice = vec![4, 2]; // `link1` calls `link0`, which has the number of `changes`
    assert_eq!(runs_of(|| _ = after_changes(&x)), twice, "the function");
    assert_eq!(runs_of(|| _ = after_changes::grad(&x)), twice, "grad");
    assert_eq!(runs_of(|| _ = after_changes::jvp(&x, &dot)), twice, "jvp");
    assert_eq!(runs_of(|| after_changes::pullback(&x).1(1.0, &mut [0.0; 2])), twice, "pullback");
    assert_eq!(runs_of(|| _ = after_changes::hvp(&x, &dot)), twice, "hvp");
    let once = vec![2, 1];
    assert_eq!(runs_of(|| changes::vjp(&mut x.clone(), 0.5, &mut [1.0, 0.0], &mut 0.0)), once, "vjp");
    assert_eq!(runs_of(|| changes::jvp(&mut x.clone(), 0.5, &mut [1.0, 0.0], 0.0)), once, "jvp");
    assert_eq!(runs_of(|| changes::pullback(&mut x.clone(), 0.5).1(&mut [1.0, 0.0], &mut 0.0)), once, "pullback");
}
