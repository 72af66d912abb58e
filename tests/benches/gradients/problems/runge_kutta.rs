//! A differential equation by the method of Runge and Kutta, as in gradbench's `ode`.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

const N: usize = 1000;
const STEPS: usize = 10;

twins! {
    () {
        pub fn right(x: &[f64; N], y: &[f64; N]) -> [f64; N] {
            let mut result = [0.0; N];
            result[0] = x[0];
            for i in 1..N {
                result[i] = x[i] * y[i - 1];
            }
            result
        }
    }
    () {
        pub fn ode(x: &[f64; N]) -> f64 {
            let h = 2.0 / STEPS as f64;
            let mut y = [0.0; N];
            for _ in 0..STEPS {
                let k1 = right(x, &y);
                let mut stage = [0.0; N];
                for i in 0..N {
                    stage[i] = y[i] + h * k1[i] / 2.0;
                }
                let k2 = right(x, &stage);
                for i in 0..N {
                    stage[i] = y[i] + h * k2[i] / 2.0;
                }
                let k3 = right(x, &stage);
                for i in 0..N {
                    stage[i] = y[i] + h * k3[i];
                }
                let k4 = right(x, &stage);
                for i in 0..N {
                    y[i] += h * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0;
                }
            }
            y.iter().sum()
        }
    }
}

type Vector = [f64; N];

/// The stage that was kept last.
fn stage(kept: &[f64]) -> &Vector {
    kept.last_chunk().expect("a stage")
}

fn right_by_hand(x: &Vector, y: &Vector, result: &mut Vector) {
    result[0] = x[0];
    for i in 1..N {
        result[i] = x[i] * y[i - 1];
    }
}

/// The reverse of the right-hand side at `y`: `dy` is overwritten by the part of `dk` times `factor` that goes to `y`.
fn right_back(x: &Vector, y: &Vector, dk: &Vector, dx: &mut Vector, dy: &mut Vector) {
    dx[0] += dk[0];
    for i in 1..N {
        dx[i] += dk[i] * y[i - 1];
        dy[i - 1] = dk[i] * x[i];
    }
    dy[N - 1] = 0.0;
}

/// States and stages are kept; the slopes are not, as nothing nonlinear reads them.
fn by_hand(x: &Vector) -> (f64, Vector) {
    let h = 2.0 / STEPS as f64;
    let mut kept: Vec<f64> = Vec::with_capacity(4 * N * STEPS);
    let mut y = [0.0; N];
    let [mut k1, mut k2, mut k3, mut k4] = [[0.0; N]; 4];
    for _ in 0..STEPS {
        kept.extend_from_slice(&y);
        right_by_hand(x, &y, &mut k1);
        kept.extend(y.iter().zip(&k1).map(|(y, k)| y + h * k / 2.0));
        right_by_hand(x, stage(&kept), &mut k2);
        kept.extend(y.iter().zip(&k2).map(|(y, k)| y + h * k / 2.0));
        right_by_hand(x, stage(&kept), &mut k3);
        kept.extend(y.iter().zip(&k3).map(|(y, k)| y + h * k));
        right_by_hand(x, stage(&kept), &mut k4);
        for i in 0..N {
            y[i] += h * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0;
        }
    }
    let value = y.iter().sum();
    let (mut dx, mut dy) = ([0.0; N], [1.0; N]);
    let [mut dk, mut d3, mut d2, mut d1] = [[0.0; N]; 4];
    let (sixth, third) = (h / 6.0, h / 3.0);
    let (vectors, _) = kept.as_chunks::<N>();
    for step in vectors.as_chunks::<4>().0.iter().rev() {
        for i in 0..N {
            dk[i] = sixth * dy[i];
        }
        right_back(x, &step[3], &dk, &mut dx, &mut d3);
        for i in 0..N {
            dk[i] = third * dy[i] + h * d3[i];
        }
        right_back(x, &step[2], &dk, &mut dx, &mut d2);
        for i in 0..N {
            dk[i] = third * dy[i] + 0.5 * h * d2[i];
        }
        right_back(x, &step[1], &dk, &mut dx, &mut d1);
        for i in 0..N {
            dk[i] = sixth * dy[i] + 0.5 * h * d1[i];
            dy[i] += d1[i] + d2[i] + d3[i];
        }
        right_back(x, &step[0], &dk, &mut dx, &mut d1);
        for i in 0..N {
            dy[i] += d1[i];
        }
    }
    (value, dx)
}

fn general<T: Scalar>(x: &[T]) -> T {
    let right = |y: &[T]| -> Vec<T> { (0..N).map(|i| if i == 0 { x[0] } else { x[i] * y[i - 1] }).collect() };
    let h = 2.0 / STEPS as f64;
    let mut y = vec![T::from(0.0); N];
    for _ in 0..STEPS {
        let k1 = right(&y);
        let stage = |k: &[T], h: f64| -> Vec<T> { (0..N).map(|i| y[i] + T::from(h) * k[i]).collect() };
        let k2 = right(&stage(&k1, h / 2.0));
        let k3 = right(&stage(&k2, h / 2.0));
        let k4 = right(&stage(&k3, h));
        for i in 0..N {
            let two = T::from(2.0);
            y[i] += T::from(h / 6.0) * (k1[i] + two * k2[i] + two * k3[i] + k4[i]);
        }
    }
    T::sum(y.iter().copied())
}

#[inline(never)]
fn hand(x: &Vector) -> (f64, Vector) {
    by_hand(x)
}

#[inline(never)]
fn generated(x: &Vector) -> (f64, Vector) {
    exact::ode::value_and_grad(x)
}

pub fn problem() -> Problem<Vector> {
    Problem::new("Runge–Kutta 4", format!("n = {N}, {STEPS} steps"), N, Random::new(12).array())
        .with(Role::Primal, exact::ode)
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, exact::ode::grad)
        .adding(Role::Vjp, |_| [0.0; N], |x, d| exact::ode::vjp(x, 1.0, d))
        .with(Role::Relaxed, relaxed::ode::value_and_grad)
        .adding(Role::RelaxedVjp, |_| [0.0; N], |x, d| relaxed::ode::vjp(x, 1.0, d))
        .with(Role::Echidna, |x| others::echidna(x, general))
}
