//! A network of 4 inputs, 8 hidden units and 3 classes, with 67 parameters: the mean cross-entropy of a batch of 32.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

#[derive(Clone, Debug, Differentiable)]
pub struct Params {
    w1: [[f64; 4]; 8],
    b1: [f64; 8],
    w2: [[f64; 8]; 3],
    b2: [f64; 3],
}

pub struct Sample {
    x: [f64; 4],
    label: usize,
}

twins! {
    (wrt(p)) {
        pub fn loss(p: &Params, batch: &[Sample]) -> f64 {
            let total: f64 = batch
                .iter()
                .map(|sample| {
                    let hidden: [f64; 8] = std::array::from_fn(|j| {
                        let sum: f64 = p.w1[j].iter().zip(&sample.x).map(|(w, x)| w * x).sum();
                        (sum + p.b1[j]).tanh()
                    });
                    let scores: [f64; 3] = std::array::from_fn(|k| {
                        let sum: f64 = p.w2[k].iter().zip(&hidden).map(|(w, h)| w * h).sum();
                        sum + p.b2[k]
                    });
                    logsumexp(&scores) - scores[sample.label]
                })
                .sum();
            total / batch.len() as f64
        }
    }
}

/// Blocks of samples: forward one by one, then the gradient of each weight summed in a register over the block. The exponentials of the softmax
/// are those of the logarithm of their sum.
fn by_hand(p: &Params, batch: &[Sample]) -> (f64, Params) {
    const BLOCK: usize = 32;
    let seed = 1.0 / batch.len() as f64;
    let mut d = Params { w1: [[0.0; 4]; 8], b1: [0.0; 8], w2: [[0.0; 8]; 3], b2: [0.0; 3] };
    let mut total = -0.0;
    let mut hidden = [[0.0; 8]; BLOCK];
    let mut g = [[0.0; 3]; BLOCK];
    for block in batch.chunks(BLOCK) {
        let (hidden, g) = (&mut hidden[..block.len()], &mut g[..block.len()]);
        for ((sample, h), g) in block.iter().zip(hidden.iter_mut()).zip(g.iter_mut()) {
            let x = &sample.x;
            for j in 0..8 {
                let w = &p.w1[j];
                h[j] = -0.0 + w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3] + p.b1[j];
            }
            for h in h.iter_mut() {
                *h = h.tanh();
            }
            let mut scores = [-0.0; 3];
            for j in 0..8 {
                for k in 0..3 {
                    scores[k] += p.w2[k][j] * h[j];
                }
            }
            for k in 0..3 {
                scores[k] += p.b2[k];
            }
            let larger = |a: f64, b: f64| if b > a { b } else { a };
            let max = larger(larger(scores[0], scores[1]), scores[2]);
            let shares = scores.map(|score| (score - max).exp());
            let sum = 0.0 + shares[0] + shares[1] + shares[2];
            total += max + sum.ln() - scores[sample.label];
            let inverse = seed / sum;
            *g = shares.map(|share| share * inverse);
            g[sample.label] -= seed;
        }
        for (h, g) in hidden.iter_mut().zip(g.iter()) {
            for k in 0..3 {
                d.b2[k] += g[k];
                for j in 0..8 {
                    d.w2[k][j] += g[k] * h[j];
                }
            }
            for j in 0..8 {
                let back = g[0] * p.w2[0][j] + g[1] * p.w2[1][j] + g[2] * p.w2[2][j];
                h[j] = back * ((1.0 - h[j]) * (1.0 + h[j]));
            }
        }
        for j in 0..8 {
            let (mut dw, mut db) = (d.w1[j], d.b1[j]);
            for (sample, a) in block.iter().zip(hidden.iter()) {
                db += a[j];
                for i in 0..4 {
                    dw[i] += a[j] * sample.x[i];
                }
            }
            (d.w1[j], d.b1[j]) = (dw, db);
        }
    }
    (total / batch.len() as f64, d)
}

fn general<T: Scalar>(p: &[T], batch: &[Sample]) -> T {
    let (w1, b1, w2, b2) = (&p[..32], &p[32..40], &p[40..64], &p[64..]);
    let losses = batch.iter().map(|sample| {
        let hidden: [T; 8] = std::array::from_fn(|j| {
            let sum = T::sum(w1[4 * j..][..4].iter().zip(&sample.x).map(|(w, x)| *w * T::from(*x)));
            (sum + b1[j]).tanh()
        });
        let scores: [T; 3] = std::array::from_fn(|k| T::sum(w2[8 * k..][..8].iter().zip(&hidden).map(|(w, h)| *w * *h)) + b2[k]);
        let max = scores.iter().copied().reduce(|a, b| if b > a { b } else { a }).expect("three scores");
        max + T::sum(scores.iter().map(|score| (*score - max).exp())).ln() - scores[sample.label]
    });
    T::sum(losses) / T::from(batch.len() as f64)
}

pub struct Data {
    params: Params,
    flat: [f64; 67],
    batch: Vec<Sample>,
}

#[inline(never)]
fn hand(d: &Data) -> (f64, Params) {
    by_hand(&d.params, &d.batch)
}

#[inline(never)]
fn generated(d: &Data) -> (f64, Params) {
    exact::loss::value_and_grad(&d.params, &d.batch)
}

pub fn problem() -> Problem<Data> {
    let mut random = Random::new(2);
    let params = Params {
        w1: std::array::from_fn(|_| random.array()),
        b1: random.array(),
        w2: std::array::from_fn(|_| random.array()),
        b2: random.array(),
    };
    let mut flat = Vec::new();
    Params::leaves([], [&params], &mut |[], [leaf]| flat.extend_from_slice(leaf));
    let flat = flat.try_into().expect("67 parameters");
    let batch = (0..32).map(|i| Sample { x: random.array(), label: i % 3 }).collect();
    Problem::new("network 4-8-3", "batch of 32", 32, Data { params, flat, batch })
        .with(Role::Primal, |d| exact::loss(&d.params, &d.batch))
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |d| exact::loss::grad(&d.params, &d.batch))
        .adding(Role::Vjp, |d| d.params.zeros_like(), |d, g| exact::loss::vjp(&d.params, &d.batch, 1.0, g))
        .with(Role::Relaxed, |d| relaxed::loss::value_and_grad(&d.params, &d.batch))
        .adding(Role::RelaxedVjp, |d| d.params.zeros_like(), |d, g| relaxed::loss::vjp(&d.params, &d.batch, 1.0, g))
        .with(Role::NumDual, |d| others::num_dual(&d.flat, |p| general(p, &d.batch)))
        .with(Role::Echidna, |d| others::echidna(&d.flat, |p| general(p, &d.batch)))
}
