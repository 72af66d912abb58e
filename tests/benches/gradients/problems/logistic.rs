//! Logistic regression: the mean loss over samples of 16 features.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    (wrt(w, b)) {
        pub fn loss(w: &[f64; 16], b: f64, xs: &[[f64; 16]], ys: &[f64]) -> f64 {
            let total: f64 = xs
                .iter()
                .zip(ys)
                .map(|(x, y)| {
                    let z = b + x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
                    (1.0 + (-y * z).exp()).ln()
                })
                .sum();
            total / xs.len() as f64
        }
    }
}

type Gradient = ([f64; 16], f64);

/// Blocks of samples: four scores in flight, then all exponentials, then all logarithms, then the sums, each in its own order.
fn by_hand(w: &[f64; 16], b: f64, xs: &[[f64; 16]], ys: &[f64]) -> (f64, Gradient) {
    const BLOCK: usize = 64;
    let seed = 1.0 / xs.len() as f64;
    let (mut total, mut dw, mut db) = (-0.0, [0.0; 16], 0.0);
    let mut scores = [0.0; BLOCK];
    let mut sums = [0.0; BLOCK];
    for (xs, ys) in xs.chunks(BLOCK).zip(ys.chunks(BLOCK)) {
        let (scores, sums) = (&mut scores[..xs.len()], &mut sums[..xs.len()]);
        let (fours, rest) = xs.as_chunks::<4>();
        let (scores_of_fours, scores_of_rest) = scores.as_chunks_mut::<4>();
        for (x, z) in fours.iter().zip(scores_of_fours) {
            let mut sums = [-0.0; 4];
            for j in 0..16 {
                for r in 0..4 {
                    sums[r] += x[r][j] * w[j];
                }
            }
            *z = sums.map(|sum| b + sum);
        }
        for (x, z) in rest.iter().zip(scores_of_rest) {
            *z = b + x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
        }
        for (z, y) in scores.iter_mut().zip(ys) {
            *z = (-y * *z).exp();
        }
        for ((e, y), s) in scores.iter_mut().zip(ys).zip(sums.iter_mut()) {
            *s = 1.0 + *e;
            *e = -y * (*e / *s) * seed;
        }
        for s in sums.iter_mut() {
            *s = s.ln();
        }
        for s in sums.iter() {
            total += s;
        }
        for (x, c) in xs.iter().zip(scores.iter()) {
            db += c;
            for j in 0..16 {
                dw[j] += c * x[j];
            }
        }
    }
    (total / xs.len() as f64, (dw, db))
}

fn general<T: Scalar>(p: &[T], xs: &[[f64; 16]], ys: &[f64]) -> T {
    let losses = xs.iter().zip(ys).map(|(x, y)| {
        let z = p[16] + T::sum(x.iter().zip(p).map(|(x, w)| T::from(*x) * *w));
        (T::from(1.0) + (T::from(-y) * z).exp()).ln()
    });
    T::sum(losses) / T::from(xs.len() as f64)
}

pub struct Data {
    w: [f64; 16],
    b: f64,
    flat: [f64; 17],
    xs: Vec<[f64; 16]>,
    ys: Vec<f64>,
}

#[inline(never)]
fn hand(d: &Data) -> (f64, Gradient) {
    by_hand(&d.w, d.b, &d.xs, &d.ys)
}

#[inline(never)]
fn generated(d: &Data) -> (f64, Gradient) {
    exact::loss::value_and_grad(&d.w, d.b, &d.xs, &d.ys)
}

pub fn problem(samples: usize) -> Problem<Data> {
    let mut random = Random::new(1);
    let w = random.array();
    let b = random.next();
    let flat = std::array::from_fn(|i| if i < 16 { w[i] } else { b });
    let xs = (0..samples).map(|_| random.array()).collect();
    let ys = (0..samples).map(|_| random.next().signum()).collect();
    Problem::new("logistic", format!("{samples} × 16"), samples, Data { w, b, flat, xs, ys })
        .with(Role::Primal, |d| exact::loss(&d.w, d.b, &d.xs, &d.ys))
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |d| exact::loss::grad(&d.w, d.b, &d.xs, &d.ys))
        .adding(Role::Vjp, |_| ([0.0; 16], 0.0), |d, (dw, db)| exact::loss::vjp(&d.w, d.b, &d.xs, &d.ys, 1.0, dw, db))
        .with(Role::Relaxed, |d| relaxed::loss::value_and_grad(&d.w, d.b, &d.xs, &d.ys))
        .adding(Role::RelaxedVjp, |_| ([0.0; 16], 0.0), |d, (dw, db)| relaxed::loss::vjp(&d.w, d.b, &d.xs, &d.ys, 1.0, dw, db))
        .with(Role::NumDual, |d| others::num_dual(&d.flat, |p| general(p, &d.xs, &d.ys)))
        .with(Role::Echidna, |d| others::echidna(&d.flat, |p| general(p, &d.xs, &d.ys)))
}
