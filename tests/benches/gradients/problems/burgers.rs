//! Steps of Burgers' equation, whose two states are fields that are exchanged.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

const RATE: f64 = 0.01;
const STEPS: usize = 100;

#[derive(Clone, Debug, Differentiable)]
struct Grid {
    now: Vec<f64>,
    next: Vec<f64>,
}

twins! {
    () {
        pub fn burgers(start: &[f64]) -> f64 {
            let n = start.len();
            let mut grid = Grid { now: start.to_vec(), next: start.to_vec() };
            for _ in 0..STEPS {
                for i in 1..n - 1 {
                    grid.next[i] = grid.now[i] - RATE * grid.now[i] * (grid.now[i + 1] - grid.now[i - 1]);
                }
                std::mem::swap(&mut grid.now, &mut grid.next);
            }
            grid.now.iter().map(|u| u * u).sum()
        }
    }
}

/// All states are kept, one behind the other; what flows back to a state is added to neighbours in a vector of its own.
fn by_hand(start: &[f64]) -> (f64, Vec<f64>) {
    let n = start.len();
    let mut kept = Vec::with_capacity(n * (STEPS + 1));
    kept.extend_from_slice(start);
    let mut next = start.to_vec();
    for step in 0..STEPS {
        let now = &kept[step * n..];
        for i in 1..n - 1 {
            next[i] = now[i] - RATE * now[i] * (now[i + 1] - now[i - 1]);
        }
        kept.extend_from_slice(&next);
    }
    let last = &kept[STEPS * n..];
    let value = last.iter().map(|u| u * u).sum();
    let mut flow: Vec<f64> = last.iter().map(|u| 2.0 * u).collect();
    let mut before = vec![0.0; n];
    for now in kept[..STEPS * n].chunks_exact(n).rev() {
        step_back(now, &flow, &mut before);
        std::mem::swap(&mut flow, &mut before);
    }
    (value, flow)
}

/// What flows back through a step: each element takes what it is given by itself and by both neighbours.
fn step_back(now: &[f64], flow: &[f64], before: &mut [f64]) {
    let n = now.len();
    let (now, flow, before) = (&now[..n], &flow[..n], &mut before[..n]);
    let own = |i: usize| flow[i] * (1.0 - RATE * (now[i + 1] - now[i - 1]));
    let to_right = |i: usize| RATE * (flow[i] * now[i]);
    before[0] = flow[0] + to_right(1);
    before[1] = own(1) + to_right(2);
    for i in 2..n - 2 {
        before[i] = own(i) + (to_right(i + 1) - to_right(i - 1));
    }
    before[n - 2] = own(n - 2) - to_right(n - 3);
    before[n - 1] = flow[n - 1] - to_right(n - 2);
}

fn general<T: Scalar>(start: &[T]) -> T {
    let n = start.len();
    let (mut now, mut next) = (start.to_vec(), start.to_vec());
    for _ in 0..STEPS {
        for i in 1..n - 1 {
            next[i] = now[i] - T::from(RATE) * now[i] * (now[i + 1] - now[i - 1]);
        }
        std::mem::swap(&mut now, &mut next);
    }
    T::sum(now.iter().map(|u| *u * *u))
}

#[inline(never)]
fn hand(start: &[f64]) -> (f64, Vec<f64>) {
    by_hand(start)
}

#[inline(never)]
fn generated(start: &[f64]) -> (f64, Vec<f64>) {
    exact::burgers::value_and_grad(start)
}

pub fn problem(n: usize) -> Problem<Vec<f64>> {
    Problem::new("Burgers", format!("n = {n}, {STEPS} steps"), n, Random::new(16).vec(n))
        .with(Role::Primal, |x| exact::burgers(x))
        .with(Role::Hand, |x| hand(x))
        .with(Role::ValueAndGrad, |x| generated(x))
        .with(Role::Grad, |x| exact::burgers::grad(x))
        .adding(Role::Vjp, |x| x.zeros_like(), |x, d| exact::burgers::vjp(x, 1.0, d))
        .with(Role::Relaxed, |x| relaxed::burgers::value_and_grad(x))
        .adding(Role::RelaxedVjp, |x| x.zeros_like(), |x, d| relaxed::burgers::vjp(x, 1.0, d))
        .with(Role::Echidna, |x| others::echidna(x, general))
}
