//! Least squares by a polynomial, as in gradbench's `llsq`.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

const M: usize = 128;

twins! {
    (wrt(x)) {
        pub fn llsq(x: &[f64], n: usize) -> f64 {
            let mut total = 0.0;
            for i in 0..n {
                let t = -1.0 + (i as f64) * 2.0 / (n as f64 - 1.0);
                let mut residual = if t > 0.0 {
                    1.0
                } else if t < 0.0 {
                    -1.0
                } else {
                    0.0
                };
                let mut power = 1.0;
                for &c in x {
                    residual -= c * power;
                    power *= t;
                }
                total += residual * residual;
            }
            0.5 * total
        }
    }
}

fn point(i: usize, n: usize) -> (f64, f64) {
    let t = -1.0 + (i as f64) * 2.0 / (n as f64 - 1.0);
    let sign = if t > 0.0 {
        1.0
    } else if t < 0.0 {
        -1.0
    } else {
        0.0
    };
    (t, sign)
}

/// Eight rows in flight; their contributions to a coefficient are kept apart until the end.
fn by_hand(x: &[f64], n: usize) -> (f64, Vec<f64>) {
    const ROWS: usize = 8;
    let mut apart = vec![[0.0; ROWS]; x.len()];
    let mut total = 0.0;
    for first in (0..n).step_by(ROWS) {
        let mut t = [0.0; ROWS];
        let mut residual = [0.0; ROWS];
        let rows = ROWS.min(n - first);
        for row in 0..rows {
            (t[row], residual[row]) = point(first + row, n);
        }
        let mut power = [1.0; ROWS];
        for &c in x {
            for row in 0..ROWS {
                residual[row] -= c * power[row];
                power[row] *= t[row];
            }
        }
        residual[rows..].fill(0.0);
        for residual in &residual[..rows] {
            total += residual * residual;
        }
        let mut product = residual;
        for apart in &mut apart {
            for row in 0..ROWS {
                apart[row] -= product[row];
                product[row] *= t[row];
            }
        }
    }
    (0.5 * total, apart.iter().map(|apart| apart.iter().sum()).collect())
}

fn general<T: Scalar>(x: &[T], n: usize) -> T {
    let mut total = T::from(0.0);
    for i in 0..n {
        let (t, sign) = point(i, n);
        let mut residual = T::from(sign);
        let mut power = 1.0;
        for c in x {
            residual -= *c * T::from(power);
            power *= t;
        }
        total += residual * residual;
    }
    T::from(0.5) * total
}

#[inline(never)]
fn hand((x, n): &([f64; M], usize)) -> (f64, Vec<f64>) {
    by_hand(x, *n)
}

#[inline(never)]
fn generated((x, n): &([f64; M], usize)) -> (f64, Vec<f64>) {
    exact::llsq::value_and_grad(x, *n)
}

pub fn problem(n: usize) -> Problem<([f64; M], usize)> {
    Problem::new("least squares", format!("n = {n}, m = {M}"), n, (Random::new(7).array(), n))
        .with(Role::Primal, |(x, n)| exact::llsq(x, *n))
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |(x, n)| exact::llsq::grad(x, *n))
        .adding(Role::Vjp, |_| vec![0.0; M], |(x, n), d| exact::llsq::vjp(x, *n, 1.0, d))
        .with(Role::Relaxed, |(x, n)| relaxed::llsq::value_and_grad(x, *n))
        .adding(Role::RelaxedVjp, |_| vec![0.0; M], |(x, n), d| relaxed::llsq::vjp(x, *n, 1.0, d))
        .with(Role::NumDual, |(x, n)| others::num_dual(x, |x| general(x, *n)))
        .with(Role::Echidna, |(x, n)| others::echidna(x, |x| general(x, *n)))
}
