//! Closures that take what they capture with them, and `#[cfg]` inside of functions.

#![allow(clippy::non_minimal_cfg, reason = "conditions that always and that never hold")]

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[differentiable]
fn moved(x: &[f64; 2]) -> f64 {
    let mut a = x[0];
    let f = move |t: f64| a * t;
    a += 5.0;
    f(x[1]) * a
}

#[differentiable]
fn moved_and_changed(x: &[f64; 2]) -> f64 {
    let mut total = x[0];
    let mut add = move |t: f64| {
        total += t * x[1];
        total
    };
    let first = add(2.0);
    let second = add(x[1]);
    total * first * second
}

#[test]
fn a_closure_that_moves_has_what_it_captured() {
    assert_eq!(moved(&[3.0, 2.0]), 48.0);
    agrees!(moved, 2, [3.0, 2.0]);
    assert_eq!(moved_and_changed(&[1.0, 3.0]), 7.0 * 16.0);
    agrees!(moved_and_changed, 2, [1.0, 3.0]);
}

#[differentiable]
fn configured(x: &[f64; 2], #[cfg(any())] missing: f64) -> f64 {
    #[cfg(any())]
    let x = nothing;
    #[cfg(not(any()))]
    let y = x[0] * x[1];
    let parts = [
        y,
        #[cfg(any())]
        y,
        x[1],
    ];
    match parts.len() {
        #[cfg(any())]
        2 => y,
        #[cfg(all())]
        2 => y * parts[1] * y,
        _ => 0.0,
    }
}

#[test]
fn conditions_of_the_compiler_are_honoured() {
    assert_eq!(configured(&[3.0, 2.0]), 72.0);
    agrees!(configured, 2, [3.0, 2.0]);
}
