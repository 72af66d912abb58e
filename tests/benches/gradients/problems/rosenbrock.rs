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
    const BLOCK: usize = 4;
    let mut gradient = vec![0.0; x.len()];
    let Some((_, nexts)) = x.split_first() else { return (-0.0, gradient) };
    let (mut total, mut carried) = (-0.0, 0.0);
    let (blocks, rest) = gradient.split_at_mut(nexts.len() / BLOCK * BLOCK);
    let done = blocks.len();
    for ((d, x), next) in
        blocks.as_chunks_mut::<BLOCK>().0.iter_mut().zip(x.as_chunks::<BLOCK>().0).zip(nexts.as_chunks::<BLOCK>().0)
    {
        let [mut parts, mut g, mut own] = [[0.0; BLOCK]; 3];
        for l in 0..BLOCK {
            let (u, v) = (next[l] - x[l] * x[l], 1.0 - x[l]);
            parts[l] = 100.0 * (u * u) + v * v;
            g[l] = 200.0 * u;
            own[l] = 2.0 * (g[l] * x[l] + v);
        }
        for part in parts {
            total += part;
        }
        d[0] = carried - own[0];
        for l in 1..BLOCK {
            d[l] = g[l - 1] - own[l];
        }
        carried = g[BLOCK - 1];
    }
    for ((d, x), next) in rest.iter_mut().zip(&x[done..]).zip(&nexts[done..]) {
        let (u, v) = (next - x * x, 1.0 - x);
        total += 100.0 * (u * u) + v * v;
        let g = 200.0 * u;
        *d = carried - 2.0 * (g * x + v);
        carried = g;
    }
    if let Some(last) = rest.last_mut() {
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
