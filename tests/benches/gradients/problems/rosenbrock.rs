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

/// Blocks of terms: what a term adds to the gradient of its second variable goes to the next lane, the last lane's waits for the next block.
fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
    const BLOCK: usize = 8;
    let terms = x.len().saturating_sub(1);
    let mut gradient = vec![0.0; x.len()];
    let (mut total, mut carried) = (-0.0, 0.0);
    let blocks = terms / BLOCK;
    for (block, d) in gradient.as_chunks_mut::<BLOCK>().0[..blocks].iter_mut().enumerate() {
        let x: &[f64; BLOCK + 1] = x[block * BLOCK..][..BLOCK + 1].try_into().expect("a block and its next");
        let u: [f64; BLOCK] = std::array::from_fn(|l| x[l + 1] - x[l] * x[l]);
        let v: [f64; BLOCK] = std::array::from_fn(|l| 1.0 - x[l]);
        let parts: [f64; BLOCK] = std::array::from_fn(|l| 100.0 * (u[l] * u[l]) + v[l] * v[l]);
        for part in parts {
            total += part;
        }
        let g = u.map(|u| 200.0 * u);
        let own: [f64; BLOCK] = std::array::from_fn(|l| 2.0 * (g[l] * x[l] + v[l]));
        for l in 0..BLOCK {
            d[l] = if l == 0 { carried } else { g[l - 1] } - own[l];
        }
        carried = g[BLOCK - 1];
    }
    for i in blocks * BLOCK..terms {
        let (u, v) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
        total += 100.0 * (u * u) + v * v;
        let g = 200.0 * u;
        gradient[i] = carried - 2.0 * (g * x[i] + v);
        carried = g;
    }
    if let Some(last) = gradient.last_mut() {
        *last = carried;
    }
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
