//! The logarithm of a sum of exponentials, written out as in gradbench's `lse`, and by the library's function.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    () {
        pub fn lse(x: &[f64]) -> f64 {
            let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = x.iter().map(|v| (v - max).exp()).sum();
            max + sum.ln()
        }
    }
    () {
        pub fn library(x: &[f64]) -> f64 {
            logsumexp(x)
        }
    }
}

/// The largest by eight at a time; the exponentials are kept in the gradient, which is then scaled: the share of the largest cancels.
fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
    let (chunks, rest) = x.as_chunks::<8>();
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let mut lanes = [f64::NEG_INFINITY; 8];
    for chunk in chunks {
        for l in 0..8 {
            lanes[l] = larger(lanes[l], chunk[l]);
        }
    }
    let max = lanes.iter().chain(rest).copied().fold(f64::NEG_INFINITY, larger);
    let mut sum = -0.0;
    let mut gradient = Vec::with_capacity(x.len());
    gradient.extend(x.iter().map(|v| {
        let e = (v - max).exp();
        sum += e;
        e
    }));
    let inverse = 1.0 / sum;
    for e in &mut gradient {
        *e *= inverse;
    }
    (max + sum.ln(), gradient)
}

fn general<T: Scalar>(x: &[T]) -> T {
    let max = x.iter().copied().reduce(|a, b| if b > a { b } else { a }).expect("numbers");
    max + T::sum(x.iter().map(|v| (*v - max).exp())).ln()
}

fn data(n: usize) -> Vec<f64> {
    Random::new(6).vec(n).iter().map(|v| 10.0 * v).collect()
}

#[inline(never)]
fn hand(x: &[f64]) -> (f64, Vec<f64>) {
    by_hand(x)
}

#[inline(never)]
fn generated(x: &[f64]) -> (f64, Vec<f64>) {
    exact::lse::value_and_grad(x)
}

#[inline(never)]
fn generated_of_the_library(x: &[f64]) -> (f64, Vec<f64>) {
    exact::library::value_and_grad(x)
}

pub fn problem(n: usize) -> Problem<Vec<f64>> {
    Problem::new("log-sum-exp", format!("n = {n}"), n, data(n))
        .with(Role::Primal, |x| exact::lse(x))
        .with(Role::Hand, |x| hand(x))
        .with(Role::ValueAndGrad, |x| generated(x))
        .with(Role::Grad, |x| exact::lse::grad(x))
        .adding(Role::Vjp, |x| x.zeros_like(), |x, d| exact::lse::vjp(x, 1.0, d))
        .with(Role::Relaxed, |x| relaxed::lse::value_and_grad(x))
        .adding(Role::RelaxedVjp, |x| x.zeros_like(), |x, d| relaxed::lse::vjp(x, 1.0, d))
        .with(Role::Echidna, |x| others::echidna(x, general))
}

pub fn problem_of_the_library(n: usize) -> Problem<Vec<f64>> {
    Problem::new("`logsumexp`", format!("n = {n}"), n, data(n))
        .with(Role::Primal, |x| exact::library(x))
        .with(Role::Hand, |x| hand(x))
        .with(Role::ValueAndGrad, |x| generated_of_the_library(x))
        .with(Role::Grad, |x| exact::library::grad(x))
        .adding(Role::Vjp, |x| x.zeros_like(), |x, d| exact::library::vjp(x, 1.0, d))
        .with(Role::Relaxed, |x| relaxed::library::value_and_grad(x))
        .adding(Role::RelaxedVjp, |x| x.zeros_like(), |x, d| relaxed::library::vjp(x, 1.0, d))
}
