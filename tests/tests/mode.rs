//! Which mode gives the gradient: the choice, and that both give the same.

use differentiable::prelude::*;
use differentiable_compiler::stages;
use differentiable_tests::Derivative;
use proc_macro2::TokenStream;

fn runs_forward(function: &str) -> bool {
    let stages = stages(TokenStream::new(), function.parse().unwrap()).unwrap();
    !stages.fused.contains("again") && !stages.fused.contains("reversed") && stages.fused.contains("_dot")
}

#[test]
fn recurrences_of_few_inputs_run_forward() {
    assert!(runs_forward("fn f(x: f64, r: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = r * y * (1.0 - y); } y }"));
    assert!(runs_forward("fn f(x: f64, n: usize) -> f64 { let mut y = x; while y < 9.0 { y = y * y + 0.5; } y }"));
}

#[test]
fn functions_of_many_inputs_run_backward() {
    assert!(!runs_forward(
        "fn f(a: f64, b: f64, c: f64, d: f64, e: f64, g: f64) -> f64 { (a * b).sin() * (c * d).cos() + (e * g).sin() + (a * e).tanh() }"
    ));
    assert!(!runs_forward("fn f(x: &[f64; 9]) -> f64 { let mut y = 1.0; for i in 0..9 { y = y * x[i] + y; } y }"));
}

#[test]
fn partial_derivatives_that_may_be_infinite_run_backward() {
    assert!(!runs_forward("fn f(x: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = y.sqrt() * y; } y }"));
    assert!(!runs_forward("fn f(x: f64, n: usize) -> f64 { let mut y = x; for _ in 0..n { y = y * y / x; } y }"));
}

#[differentiable]
fn logistic_map(x: f64, r: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        if i % 3 == 2 {
            y += r * 0.1;
            continue;
        }
        y = r * y * (1.0 - y) + (y * r).sin() * 0.1;
    }
    y * y
}

#[differentiable]
fn changed(mut x: f64, mut y: f64, mut k: f64, n: usize) -> f64 {
    for _ in 0..n {
        k = x * y - k;
        (x, y) = (y * 0.9 + k, x.cos());
    }
    if x > y { x * k } else { y - x.max(k) }
}

#[test]
fn gradients_by_forward_mode_agree() {
    let derivative = Derivative {
        value: &|x| logistic_map(x[0], x[1], 7),
        value_and_grad: &|x| {
            let (value, (dx, dr)) = logistic_map::value_and_grad(x[0], x[1], 7);
            (value, vec![dx, dr])
        },
        jvp: &|x, dot| logistic_map::jvp(x[0], x[1], 7, dot[0], dot[1]),
    };
    derivative.agree_at(&[0.3, 2.1]);
    derivative.agree_at(&[-0.2, 1.4]);
    let derivative = Derivative {
        value: &|x| changed(x[0], x[1], x[2], 4),
        value_and_grad: &|x| {
            let (value, (dx, dy, dk)) = changed::value_and_grad(x[0], x[1], x[2], 4);
            (value, vec![dx, dy, dk])
        },
        jvp: &|x, dot| changed::jvp(x[0], x[1], x[2], 4, dot[0], dot[1], dot[2]),
    };
    derivative.agree_at(&[0.3, 1.1, -0.4]);
    derivative.agree_at(&[-0.3, 0.2, 0.9]);
    let (mut dx, mut dr) = (1.0, 2.0);
    logistic_map::vjp(0.3, 2.1, 7, 2.0, &mut dx, &mut dr);
    let (gx, gr) = logistic_map::grad(0.3, 2.1, 7);
    assert_eq!((dx, dr), (1.0 + 2.0 * gx, 2.0 + 2.0 * gr));
}

#[differentiable]
fn with_a_kink(x: f64, y: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in 0..n {
        s = s * x * 0.5 + s * s * y;
    }
    s + x.max(y) + x.min(y * y)
}

#[test]
fn kinks_of_two_inputs_are_halved_by_tangents_too() {
    let text = "fn f(x: f64, y: f64, n: usize) -> f64 { let mut s = x; for _ in 0..n { s = s * x * 0.5 + s * s * y; } s + x.max(y) + x.min(y * y) }";
    assert!(runs_forward(text));
    let (dx, dy) = with_a_kink::grad(1.0, 1.0, 0);
    assert_eq!((dx, dy), (1.0 + 0.5 + 0.5, 0.5 + 0.5 * 2.0));
    assert_eq!(with_a_kink::jvp(1.0, 1.0, 0, 1.0, 0.0).1, dx);
}

/// A function of four numbers with its text, and its derivatives at points.
macro_rules! steps {
    ($(fn $name:ident($($x:ident),+) -> f64 $body:block)+) => {
        $(mod $name {
            use super::*;

            #[differentiable]
            fn step($(mut $x: f64),+) -> f64 $body

            #[test]
            fn gives_what_differences_give() {
                let text = stringify!(fn step($(mut $x: f64),+) -> f64 $body);
                let stages = stages(TokenStream::new(), text.parse().unwrap()).unwrap();
                assert!(runs_forward(text) && stages.fused.contains("let to_"), "{}", stages.fused);
                let at = |x: &[f64]| <[f64; 4]>::try_from(x).unwrap();
                let derivative = Derivative {
                    value: &|x| {
                        let [$($x),+] = at(x);
                        step($($x),+)
                    },
                    value_and_grad: &|x| {
                        let [$($x),+] = at(x);
                        let (value, ($($x),+)) = step::value_and_grad($($x),+);
                        (value, vec![$($x),+])
                    },
                    jvp: &|x, dot| {
                        let [$($x),+] = at(x);
                        step::jvp($($x,)+ dot[0], dot[1], dot[2], dot[3])
                    },
                };
                derivative.agree_at(&[0.4, 0.7, 0.3, 0.05]);
                derivative.agree_at(&[-0.3, 0.2, 0.6, -0.1]);
            }
        })+
    };
}

mod steps_of_recurrences_are_differentiated_as_a_whole {
    #![allow(unused_mut, unused_assignments, reason = "functions are written alike")]
    use super::*;

    steps! {
        fn of_one_state(s, a, b, h) -> f64 {
            for _ in 0..20 {
                s += h * (a * s * (1.0 - s) - b * s * (-s).exp());
            }
            s
        }

        fn of_two_states_that_take_each_others_place(x, y, a, b) -> f64 {
            for _ in 0..9 {
                let e = (x.sin() * y.cos()).tanh();
                (x, y) = (y + 0.1 * e * a, 0.9 * x - e * b * x * y);
            }
            x * y + a
        }

        fn of_a_state_that_is_overwritten_twice(s, a, b, c) -> f64 {
            for i in 0..7 {
                s = s * a + b.sin() * c;
                let before = s;
                s -= 0.1 * s * s * c * i as f64;
                s = s.tanh() + 0.2 * before * a * b;
            }
            s * s
        }

        fn of_a_coefficient_that_is_carried_too(s, a, b, c) -> f64 {
            for _ in 0..6 {
                a = a * 0.9 + 0.1 * b * c.exp();
                s = (s * a).sin() + b * c * s;
                b += 0.01 * c;
                c *= 0.95;
            }
            s + a
        }
    }
}

#[test]
fn a_seed_scales_what_directions_give() {
    #[differentiable]
    fn orbit(a: f64, b: f64) -> f64 {
        let mut x = a;
        for _ in 0..50 {
            x = (a * x + b).sin();
        }
        x
    }
    let (mut d_a, mut d_b) = (1.0, 2.0);
    let (by_a, by_b) = orbit::grad(0.7, 0.3);
    orbit::vjp(0.7, 0.3, -1.5, &mut d_a, &mut d_b);
    assert!((d_a - (1.0 - 1.5 * by_a)).abs() < 1e-12 && (d_b - (2.0 - 1.5 * by_b)).abs() < 1e-12, "{d_a}, {d_b}");
}
