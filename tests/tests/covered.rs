//! Gradients by value whose numbers all get a contribution begin with −0.0, to which adding is to store.

use differentiable::prelude::*;
use quote::quote;

fn gradient_of(function: proc_macro2::TokenStream) -> String {
    let text = differentiable_compiler::differentiable(quote!(), function).to_string();
    let start = text.find("fn value_and_grad").expect("a gradient");
    text[start..].split("fn ").nth(1).expect("its text").to_owned()
}

#[test]
fn numbers_and_arrays_that_are_added_to_as_a_whole_begin_with_minus_zero() {
    for (covered, function) in [
        (
            2,
            quote!(
                fn f(x: f64, y: f64) -> f64 {
                    x * y
                }
            ),
        ),
        (
            1,
            quote!(
                fn f(x: &[f64; 2]) -> f64 {
                    x[0] * x[1]
                }
            ),
        ),
        (
            1,
            quote!(
                fn f(x: [f64; 3]) -> f64 {
                    let mut s = 0.0;
                    for i in 0..3 {
                        s += x[i] * x[i];
                    }
                    s
                }
            ),
        ),
        (
            1,
            quote!(
                fn f(x: &[f64; 3], n: usize) -> f64 {
                    let mut s = x[0];
                    for i in 0..3 {
                        s += x[i].sin();
                    }
                    for i in 0..n {
                        s += x[i];
                    }
                    s
                }
            ),
        ),
    ] {
        let text = gradient_of(function);
        let begun = text.matches("= - ::").count() + text.matches("Neg :: neg").count();
        assert_eq!(begun, covered, "{text}");
    }
    for function in [
        quote!(
            fn f(x: &[f64; 3]) -> f64 {
                x[0] * x[1]
            }
        ),
        quote!(
            fn f(x: &[f64; 3], n: usize) -> f64 {
                let mut s = 0.0;
                for i in 0..n {
                    s += x[i];
                }
                s * s
            }
        ),
        quote!(
            fn f(x: &[f64; 3]) -> f64 {
                let mut s = 0.0;
                for i in 0..2 {
                    s += x[i];
                }
                s * s
            }
        ),
        quote!(
            fn f(x: &[f64; 2]) -> f64 {
                if x[0] > 0.0 { x[0] * x[1] } else { 0.0 }
            }
        ),
        quote!(
            fn f(x: &[f64]) -> f64 {
                x[0] * x[1]
            }
        ),
        quote!(
            fn f(x: &[f64; 17]) -> f64 {
                let mut s = 0.0;
                for i in 0..17 {
                    s += x[i] * x[i];
                }
                s
            }
        ),
        quote!(
            const fn f(x: f64) -> f64 {
                x * x
            }
        ),
        quote!(
            fn f(x: &[f64; 2], n: usize) -> f64 {
                let mut s = x[0];
                for i in 0..n {
                    for j in 0..2 {
                        s += x[j];
                    }
                }
                s
            }
        ),
        quote!(
            fn f(x: &[f64; 3]) -> f64 {
                let mut s = 0.0;
                for i in 0..3 {
                    if x[i] > 2.0 {
                        break;
                    }
                    s += x[i] * x[i];
                }
                s
            }
        ),
        quote!(
            fn f(x: &[[f64; 2]; 2]) -> f64 {
                x[0][1] * x[1][0]
            }
        ),
    ] {
        let text = gradient_of(function);
        assert!(!text.contains("= - ::") && !text.contains("Neg :: neg"), "{text}");
    }
}

#[test]
fn what_no_contribution_reaches_is_zero() {
    #[differentiable]
    fn one(x: f64, y: f64) -> f64 {
        x * x + stop_gradient(y)
    }
    #[differentiable]
    fn some(x: &[f64; 3]) -> f64 {
        x[0] * x[2]
    }
    #[differentiable]
    fn none(x: f64, choose: bool) -> f64 {
        if choose { x * 2.0 } else { 1.0 }
    }
    let zero = 0.0f64.to_bits();
    assert_eq!(one::grad(1.0, 2.0).1.to_bits(), zero);
    assert_eq!(some::grad(&[1.0; 3])[1].to_bits(), zero);
    assert_eq!(none::grad(1.0, false).to_bits(), zero);
    assert_eq!(none::grad(1.0, true), 2.0);
}

#[test]
fn gradients_are_what_vjp_adds() {
    #[differentiable]
    fn mixed(x: &[f64; 4], a: f64, b: &f64) -> f64 {
        let mut sum = a * x[3];
        for i in 0..4 {
            sum += (x[i] * a).sin() * b;
        }
        sum
    }
    #[differentiable]
    fn generic<T: Real>(x: &[T; 2], a: T) -> T {
        x[0] * a + (x[1] * x[1] + a).sin()
    }
    let (x, a, b) = ([0.3, -0.7, 1.2, 0.0], 0.8, -1.5);
    let (mut dx, mut da, mut db) = ([0.0; 4], 0.0, 0.0);
    let value = mixed::vjp(&x, a, &b, 1.0, &mut dx, &mut da, &mut db);
    assert_eq!(mixed::value_and_grad(&x, a, &b), (value, (dx, da, db)));
    let (mut dx, mut da) = ([0.0f32; 2], 0.0);
    let value = generic::vjp(&[0.3, -0.4], 0.9, 1.0, &mut dx, &mut da);
    assert_eq!(generic::value_and_grad(&[0.3f32, -0.4], 0.9), (value, (dx, da)));
}
