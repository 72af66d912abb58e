//! The logarithm of the posterior of a mixture of Gaussians, as in gradbench's `gmm`.

use std::hint::black_box;

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

/// For each component a weight, a mean, and the inverse of the covariance's root: the logarithms of its diagonal, then its columns below it.
#[derive(Clone, Debug, Differentiable)]
pub struct Mixture<const D: usize> {
    weights: Vec<f64>,
    means: Vec<[f64; D]>,
    roots: Vec<Vec<f64>>,
}

twins! {
    (wrt(p)) {
        pub fn posterior<const D: usize>(p: &Mixture<D>, xs: &[[f64; D]], gamma: f64, m: usize) -> f64 {
            let k = p.weights.len();
            let mut scales = vec![[0.0; D]; k];
            let mut logs = vec![0.0; k];
            for c in 0..k {
                for i in 0..D {
                    scales[c][i] = p.roots[c][i].exp();
                    logs[c] += p.roots[c][i];
                }
            }
            let mut total = 0.0;
            let mut terms = vec![0.0; k];
            for x in xs {
                for c in 0..k {
                    let below = &p.roots[c][D..];
                    let mut centred = [0.0; D];
                    let mut y = [0.0; D];
                    for i in 0..D {
                        centred[i] = x[i] - p.means[c][i];
                        y[i] = scales[c][i] * centred[i];
                    }
                    let mut at = 0;
                    for i in 0..D {
                        for j in i + 1..D {
                            y[j] += below[at] * centred[i];
                            at += 1;
                        }
                    }
                    let square: f64 = y.iter().map(|v| v * v).sum();
                    terms[c] = p.weights[c] + logs[c] - 0.5 * square;
                }
                total += logsumexp(&terms);
            }
            let mut prior = 0.0;
            for c in 0..k {
                let diagonal: f64 = scales[c].iter().map(|v| v * v).sum();
                let below: f64 = p.roots[c][D..].iter().map(|v| v * v).sum();
                prior += 0.5 * gamma * gamma * (diagonal + below) - m as f64 * logs[c];
            }
            total - xs.len() as f64 * logsumexp(&p.weights) + prior
        }
    }
}

/// The numbers of eight samples, side by side.
type Lanes = [f64; 8];

/// The sum of eight numbers, halves first.
fn sum(lanes: Lanes) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// What the gradient adds up.
struct Sums<const D: usize> {
    d: Mixture<D>,
    d_scales: Vec<[f64; D]>,
    total: f64,
}

/// Eight samples at a time: what the roots make of them is kept for every component until the shares of the components are known.
fn eight_samples<const D: usize>(
    p: &Mixture<D>,
    scales: &[[f64; D]],
    logs: &[f64],
    xs: &[[f64; D]; 8],
    kept: &mut Kept<D>,
    sums: &mut Sums<D>,
) {
    let mut columns = [[0.0; 8]; D];
    for i in 0..D {
        columns[i] = std::array::from_fn(|lane| xs[lane][i]);
    }
    for (c, (y, root)) in kept.ys.iter_mut().zip(&p.roots).enumerate() {
        let mut below = &root[D..];
        let mut centred = [[0.0; 8]; D];
        for i in 0..D {
            centred[i] = columns[i].map(|x| x - p.means[c][i]);
            y[i] = centred[i].map(|v| scales[c][i] * v);
        }
        for i in 0..D {
            let (column, rest) = below.split_at(D - 1 - i);
            below = rest;
            for (y, l) in y[i + 1..].iter_mut().zip(column) {
                black_box(()); // the lanes are to be the vectors, not the rows
                for lane in 0..8 {
                    y[lane] += l * centred[i][lane];
                }
            }
        }
        let mut square = [-0.0; 8];
        for v in y.iter() {
            for lane in 0..8 {
                square[lane] += v[lane] * v[lane];
            }
        }
        kept.terms[c] = square.map(|square| p.weights[c] + logs[c] - 0.5 * square);
    }
    for lane in 0..8 {
        kept.one.iter_mut().zip(&kept.terms).for_each(|(one, terms)| *one = terms[lane]);
        sums.total += shares(&mut kept.one);
        kept.one.iter().zip(&mut kept.terms).for_each(|(one, terms)| terms[lane] = *one);
    }
    for (c, (y, root)) in kept.ys.iter().zip(&p.roots).enumerate() {
        let (share, d_root) = (kept.terms[c], &mut sums.d.roots[c]);
        sums.d.weights[c] += sum(share);
        let dy: [Lanes; D] = std::array::from_fn(|i| std::array::from_fn(|lane| -share[lane] * y[i][lane]));
        let (mut below, mut d_below) = (&root[D..], &mut d_root[D..]);
        for i in 0..D {
            let centred = columns[i].map(|x| x - p.means[c][i]);
            let (column, rest) = below.split_at(D - 1 - i);
            let (d_column, d_rest) = d_below.split_at_mut(D - 1 - i);
            (below, d_below) = (rest, d_rest);
            let mut back = dy[i].map(|dy| dy * scales[c][i]);
            for ((l, dl), dy) in column.iter().zip(d_column).zip(&dy[i + 1..]) {
                black_box(());
                *dl += sum(std::array::from_fn(|lane| dy[lane] * centred[lane]));
                for lane in 0..8 {
                    back[lane] += dy[lane] * l;
                }
            }
            sums.d_scales[c][i] += sum(std::array::from_fn(|lane| dy[i][lane] * centred[lane]));
            sums.d.means[c][i] -= sum(back);
        }
    }
}

/// What is kept of eight samples.
struct Kept<const D: usize> {
    ys: Vec<[Lanes; D]>,
    terms: Vec<Lanes>,
    one: Vec<f64>,
}

/// One sample at a time, of those that are left.
fn one_sample<const D: usize>(
    p: &Mixture<D>,
    scales: &[[f64; D]],
    logs: &[f64],
    x: &[f64; D],
    kept: &mut Kept<D>,
    sums: &mut Sums<D>,
) {
    let mut ys = vec![[0.0; D]; p.weights.len()];
    for (c, ((y, term), root)) in ys.iter_mut().zip(&mut kept.one).zip(&p.roots).enumerate() {
        let mut below = &root[D..];
        let centred: [f64; D] = std::array::from_fn(|i| x[i] - p.means[c][i]);
        *y = std::array::from_fn(|i| scales[c][i] * centred[i]);
        for i in 0..D {
            let (column, rest) = below.split_at(D - 1 - i);
            below = rest;
            for (y, l) in y[i + 1..].iter_mut().zip(column) {
                *y += l * centred[i];
            }
        }
        let square: f64 = y.iter().map(|v| v * v).sum();
        *term = p.weights[c] + logs[c] - 0.5 * square;
    }
    sums.total += shares(&mut kept.one);
    for (c, ((y, share), root)) in ys.iter().zip(&kept.one).zip(&p.roots).enumerate() {
        sums.d.weights[c] += share;
        let dy: [f64; D] = std::array::from_fn(|i| -share * y[i]);
        let (mut below, mut d_below) = (&root[D..], &mut sums.d.roots[c][D..]);
        for i in 0..D {
            let centred = x[i] - p.means[c][i];
            let (column, rest) = below.split_at(D - 1 - i);
            let (d_column, d_rest) = d_below.split_at_mut(D - 1 - i);
            (below, d_below) = (rest, d_rest);
            let mut back = dy[i] * scales[c][i];
            for ((l, dl), dy) in column.iter().zip(d_column).zip(&dy[i + 1..]) {
                *dl += dy * centred;
                back += dy * l;
            }
            sums.d_scales[c][i] += dy[i] * centred;
            sums.d.means[c][i] -= back;
        }
    }
}

fn by_hand<const D: usize>(p: &Mixture<D>, xs: &[[f64; D]], gamma: f64, m: usize) -> (f64, Mixture<D>) {
    let k = p.weights.len();
    let d = Mixture { weights: vec![0.0; k], means: vec![[0.0; D]; k], roots: vec![vec![0.0; D + D * (D - 1) / 2]; k] };
    let scales: Vec<[f64; D]> = p.roots.iter().map(|root| std::array::from_fn(|i| root[i].exp())).collect();
    let logs: Vec<f64> = p.roots.iter().map(|root| root[..D].iter().fold(0.0, |sum, v| sum + v)).collect();
    let mut sums = Sums { d, d_scales: vec![[0.0; D]; k], total: 0.0 };
    let mut kept = Kept { ys: vec![[[0.0; 8]; D]; k], terms: vec![[0.0; 8]; k], one: vec![0.0; k] };
    let (blocks, rest) = xs.as_chunks::<8>();
    blocks.iter().for_each(|block| eight_samples(p, &scales, &logs, block, &mut kept, &mut sums));
    rest.iter().for_each(|x| one_sample(p, &scales, &logs, x, &mut kept, &mut sums));
    let Sums { mut d, d_scales, total } = sums;
    let mut prior = 0.0;
    let mut weights = p.weights.clone();
    let n = xs.len() as f64;
    let value = shares(&mut weights);
    for c in 0..k {
        let diagonal: f64 = scales[c].iter().map(|v| v * v).sum();
        let below: f64 = p.roots[c][D..].iter().map(|v| v * v).sum();
        prior += 0.5 * gamma * gamma * (diagonal + below) - m as f64 * logs[c];
        // a share of a sample is also what its term's logarithm of the determinant gets
        let log = d.weights[c] - m as f64;
        let factor = gamma * gamma;
        for i in 0..D {
            d.roots[c][i] = (d_scales[c][i] + factor * scales[c][i]) * scales[c][i] + log;
        }
        for (dl, l) in d.roots[c][D..].iter_mut().zip(&p.roots[c][D..]) {
            *dl += factor * l;
        }
        d.weights[c] -= n * weights[c];
    }
    (total - n * value + prior, d)
}

/// The logarithm of the sum of exponentials of the terms, which become their shares in it.
fn shares(terms: &mut [f64]) -> f64 {
    let Some(max) = terms.iter().copied().reduce(|a, b| if b > a || b.is_nan() { b } else { a }) else {
        return f64::NEG_INFINITY;
    };
    for term in terms.iter_mut() {
        *term = (*term - max).exp();
    }
    let mut sum = 0.0;
    for term in terms.iter() {
        sum += term;
    }
    let inverse = 1.0 / sum;
    for term in terms.iter_mut() {
        *term *= inverse;
    }
    max + sum.ln()
}

fn general<T: Scalar, const D: usize>(p: &[T], k: usize, xs: &[[f64; D]], gamma: f64, m: usize) -> T {
    let size = D + D * (D - 1) / 2;
    let (weights, rest) = p.split_at(k);
    let (means, roots) = rest.split_at(k * D);
    let logsumexp = |terms: &[T]| {
        let max = terms.iter().copied().reduce(|a, b| if b > a { b } else { a }).expect("components");
        max + T::sum(terms.iter().map(|term| (*term - max).exp())).ln()
    };
    let scales: Vec<T> = (0..k * D).map(|at| roots[at / D * size + at % D].exp()).collect();
    let logs: Vec<T> = (0..k).map(|c| T::sum(roots[c * size..][..D].iter().copied())).collect();
    let mut total = T::from(0.0);
    let mut terms = vec![T::from(0.0); k];
    for x in xs {
        for c in 0..k {
            let below = &roots[c * size + D..(c + 1) * size];
            let centred: Vec<T> = (0..D).map(|i| T::from(x[i]) - means[c * D + i]).collect();
            let mut y: Vec<T> = (0..D).map(|i| scales[c * D + i] * centred[i]).collect();
            let mut at = 0;
            for i in 0..D {
                for j in i + 1..D {
                    y[j] += below[at] * centred[i];
                    at += 1;
                }
            }
            terms[c] = weights[c] + logs[c] - T::from(0.5) * T::sum(y.iter().map(|v| *v * *v));
        }
        total += logsumexp(&terms);
    }
    let mut prior = T::from(0.0);
    for c in 0..k {
        let diagonal = T::sum(scales[c * D..][..D].iter().map(|v| *v * *v));
        let below = T::sum(roots[c * size + D..(c + 1) * size].iter().map(|v| *v * *v));
        prior += T::from(0.5 * gamma * gamma) * (diagonal + below) - T::from(m as f64) * logs[c];
    }
    total - T::from(xs.len() as f64) * logsumexp(weights) + prior
}

pub struct Data<const D: usize> {
    p: Mixture<D>,
    flat: Vec<f64>,
    xs: Vec<[f64; D]>,
}

#[inline(never)]
fn hand<const D: usize>(d: &Data<D>) -> (f64, Mixture<D>) {
    by_hand(&d.p, &d.xs, 1.0, 0)
}

#[inline(never)]
fn generated<const D: usize>(d: &Data<D>) -> (f64, Mixture<D>) {
    exact::posterior::value_and_grad(&d.p, &d.xs, 1.0, 0)
}

pub fn problem<const D: usize>(n: usize, k: usize) -> Problem<Data<D>> {
    let mut random = Random::new(9);
    let p = Mixture::<D> {
        weights: random.vec(k),
        means: (0..k).map(|_| random.array()).collect(),
        roots: (0..k).map(|_| random.vec(D + D * (D - 1) / 2).iter().map(|v| 0.3 * v).collect()).collect(),
    };
    let mut flat = Vec::new();
    Mixture::leaves([], [&p], &mut |[], [leaf]| flat.extend_from_slice(leaf));
    let xs = (0..n).map(|_| random.array()).collect();
    let problem = Problem::new("Gaussian mixture", format!("n = {n}, d = {D}, k = {k}"), n, Data { p, flat, xs })
        .with(Role::Primal, |d| exact::posterior(&d.p, &d.xs, 1.0, 0))
        .with(Role::Hand, hand::<D>)
        .with(Role::ValueAndGrad, generated::<D>)
        .with(Role::Grad, |d| exact::posterior::grad(&d.p, &d.xs, 1.0, 0))
        .adding(Role::Vjp, |d| d.p.zeros_like(), |d, g| exact::posterior::vjp(&d.p, &d.xs, 1.0, 0, 1.0, g))
        .with(Role::Relaxed, |d| relaxed::posterior::value_and_grad(&d.p, &d.xs, 1.0, 0))
        .adding(Role::RelaxedVjp, |d| d.p.zeros_like(), |d, g| relaxed::posterior::vjp(&d.p, &d.xs, 1.0, 0, 1.0, g));
    if D > 16 {
        return problem; // echidna's tape would take gigabytes
    }
    problem.with(Role::Echidna, move |d| others::echidna(&d.flat, |p| general(p, k, &d.xs, 1.0, 0)))
}
