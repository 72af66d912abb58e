//! The logarithm of a determinant, by elimination in place of a parameter.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

const N: usize = 48;

twins! {
    () {
        pub fn eliminate(m: &mut [f64]) {
            for k in 0..N {
                for i in k + 1..N {
                    let f = m[i * N + k] / m[k * N + k];
                    m[i * N + k] = f;
                    for j in k + 1..N {
                        m[i * N + j] -= f * m[k * N + j];
                    }
                }
            }
        }
    }
    () {
        pub fn log_determinant(a: &[f64]) -> f64 {
            let mut m = a.to_vec();
            eliminate(&mut m);
            let mut total = 0.0;
            for i in 0..N {
                total += m[i * N + i].ln();
            }
            total
        }
    }
}

/// The sweep back reads what the elimination has left, and keeps nothing.
fn by_hand(a: &[f64]) -> (f64, Vec<f64>) {
    let mut m = a.to_vec();
    exact::eliminate(&mut m);
    let mut total = 0.0;
    let mut d = vec![0.0; N * N];
    for i in 0..N {
        total += m[i * N + i].ln();
        d[i * N + i] = 1.0 / m[i * N + i];
    }
    for k in (0..N).rev() {
        let (above, below) = m.split_at((k + 1) * N);
        let row = &above[k * N..][k + 1..N];
        let pivot = above[k * N + k];
        let (d_above, d_below) = d.split_at_mut((k + 1) * N);
        let d_row = &mut d_above[k * N..][k..N];
        for (rest, d_rest) in below.chunks_exact(N).zip(d_below.chunks_exact_mut(N)).rev() {
            let f = rest[k];
            let (d_factor, d_rest) = d_rest[k..].split_at_mut(1);
            let mut d_f = [0.0; 4];
            let (fours, ones) = row.as_chunks::<4>();
            let (d_fours, d_ones) = d_rest.as_chunks::<4>();
            for (x, d) in fours.iter().zip(d_fours) {
                for lane in 0..4 {
                    d_f[lane] += d[lane] * x[lane];
                }
            }
            let ones: f64 = ones.iter().zip(d_ones).map(|(x, d)| x * d).sum();
            for (to, d) in d_row[1..].iter_mut().zip(&*d_rest) {
                *to -= f * d;
            }
            let flow = (d_factor[0] - (d_f[0] + d_f[1] + (d_f[2] + d_f[3]) + ones)) / pivot;
            d_factor[0] = flow;
            d_row[0] -= flow * f;
        }
    }
    (total, d)
}

fn general<T: Scalar>(a: &[T]) -> T {
    let mut m = a.to_vec();
    for k in 0..N {
        for i in k + 1..N {
            let f = m[i * N + k] / m[k * N + k];
            for j in k + 1..N {
                m[i * N + j] = m[i * N + j] - f * m[k * N + j];
            }
        }
    }
    T::sum((0..N).map(|i| m[i * N + i].ln()))
}

#[inline(never)]
fn hand(a: &[f64]) -> (f64, Vec<f64>) {
    by_hand(a)
}

#[inline(never)]
fn generated(a: &[f64]) -> (f64, Vec<f64>) {
    exact::log_determinant::value_and_grad(a)
}

pub fn problem() -> Problem<Vec<f64>> {
    let mut random = Random::new(17);
    let heavy = |at: usize| if at.is_multiple_of(N + 1) { 20.0 } else { random.next() };
    let matrix: Vec<f64> = (0..N * N).map(heavy).collect();
    Problem::new("elimination", format!("{N} × {N}"), N, matrix)
        .with(Role::Primal, |a| exact::log_determinant(a))
        .with(Role::Hand, |a| hand(a))
        .with(Role::ValueAndGrad, |a| generated(a))
        .with(Role::Grad, |a| exact::log_determinant::grad(a))
        .adding(Role::Vjp, |a| a.zeros_like(), |a, d| exact::log_determinant::vjp(a, 1.0, d))
        .with(Role::Relaxed, |a| relaxed::log_determinant::value_and_grad(a))
        .adding(Role::RelaxedVjp, |a| a.zeros_like(), |a, d| relaxed::log_determinant::vjp(a, 1.0, d))
        .with(Role::Echidna, |a| others::echidna(a, general))
}
