//! What does not change in a loop, called in it: the elements of a vector over its length, summed.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    () {
        pub fn norm(x: &[f64]) -> f64 {
            x.iter().map(|v| v * v).sum::<f64>().sqrt()
        }
    }
    () {
        pub fn normalized(x: &[f64]) -> f64 {
            let mut total = 0.0;
            for i in 0..x.len() {
                total += x[i] / norm(x);
            }
            total
        }
    }
}

/// The length once.
fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
    let length = x.iter().map(|v| v * v).sum::<f64>().sqrt();
    let (mut total, mut back) = (0.0, 0.0);
    for v in x {
        let t = v / length;
        total += t;
        back += t;
    }
    let inverse = 1.0 / length;
    let factor = back * inverse * inverse;
    (total, x.iter().map(|v| inverse - factor * v).collect())
}

fn general<T: Scalar>(x: &[T]) -> T {
    let norm = |x: &[T]| T::sum(x.iter().map(|v| *v * *v)).sqrt();
    T::sum((0..x.len()).map(|i| x[i] / norm(x)))
}

#[inline(never)]
fn hand(x: &[f64]) -> (f64, Vec<f64>) {
    by_hand(x)
}

#[inline(never)]
fn generated(x: &[f64]) -> (f64, Vec<f64>) {
    exact::normalized::value_and_grad(x)
}

pub fn problem() -> Problem<Vec<f64>> {
    Problem::new("`x[i] / norm(x)` in a loop", "n = 200", 200, Random::new(14).vec(200))
        .with(Role::Primal, |x| exact::normalized(x))
        .with(Role::Hand, |x| hand(x))
        .with(Role::ValueAndGrad, |x| generated(x))
        .with(Role::Grad, |x| exact::normalized::grad(x))
        .adding(Role::Vjp, |x| x.zeros_like(), |x, d| exact::normalized::vjp(x, 1.0, d))
        .with(Role::Relaxed, |x| relaxed::normalized::value_and_grad(x))
        .adding(Role::RelaxedVjp, |x| x.zeros_like(), |x, d| relaxed::normalized::vjp(x, 1.0, d))
        .with(Role::Echidna, |x| others::echidna(x, general))
}
