//! Rosenbrock's function of many variables.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    () {
        pub fn rosenbrock(x: &[f64]) -> f64 {
            x.windows(2).map(|w| 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2)).sum()
        }
    }
}

/// What a term adds to the gradient of its second variable waits in a register for the next term.
fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
    let Some((_, front)) = x.split_last() else { return (-0.0, Vec::new()) };
    let mut gradient = Vec::with_capacity(x.len());
    let (mut total, mut carried) = (-0.0, 0.0);
    gradient.extend(front.iter().zip(&x[1..]).map(|(a, b)| {
        let u = b - a * a;
        let v = 1.0 - a;
        total += 100.0 * (u * u) + v * v;
        let g = 200.0 * u;
        let d = carried - 2.0 * (g * a) - 2.0 * v;
        carried = g;
        d
    }));
    gradient.push(carried);
    (total, gradient)
}

fn general<T: Scalar>(x: &[T]) -> T {
    T::sum(x.windows(2).map(|w| {
        let (u, v) = (w[1] - w[0] * w[0], T::from(1.0) - w[0]);
        T::from(100.0) * (u * u) + v * v
    }))
}

#[inline(never)]
fn hand(x: &[f64]) -> (f64, Vec<f64>) {
    by_hand(x)
}

#[inline(never)]
fn generated(x: &[f64]) -> (f64, Vec<f64>) {
    exact::rosenbrock::value_and_grad(x)
}

pub fn problem(n: usize) -> Problem<Vec<f64>> {
    Problem::new("Rosenbrock", format!("n = {n}"), n, Random::new(3).vec(n))
        .with(Role::Primal, |x| exact::rosenbrock(x))
        .with(Role::Hand, |x| hand(x))
        .with(Role::ValueAndGrad, |x| generated(x))
        .with(Role::Grad, |x| exact::rosenbrock::grad(x))
        .adding(Role::Vjp, |x| x.zeros_like(), |x, d| exact::rosenbrock::vjp(x, 1.0, d))
        .with(Role::Relaxed, |x| relaxed::rosenbrock::value_and_grad(x))
        .adding(Role::RelaxedVjp, |x| x.zeros_like(), |x, d| relaxed::rosenbrock::vjp(x, 1.0, d))
        .with(Role::Echidna, |x| others::echidna(x, general))
}
