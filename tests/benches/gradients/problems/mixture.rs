//! The logarithm of the posterior of a mixture of Gaussians, as in gradbench's `gmm`.

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

/// The reverse of a column, in lanes: adds to its adjoint, and gives what goes to the centred coordinate.
#[inline]
fn column_back<const LANES: usize>(column: &[f64], d_column: &mut [f64], dy: &[f64], centred: f64) -> f64 {
    let mut back = [0.0; LANES];
    let ((columns, ends), (d_columns, d_ends)) = (column.as_chunks::<LANES>(), d_column.as_chunks_mut::<LANES>());
    let (dys, dy_ends) = dy.as_chunks::<LANES>();
    for ((l, dl), dy) in columns.iter().zip(d_columns).zip(dys) {
        for lane in 0..LANES {
            dl[lane] += dy[lane] * centred;
            back[lane] += dy[lane] * l[lane];
        }
    }
    let mut sum = 0.0;
    for ((l, dl), dy) in ends.iter().zip(d_ends).zip(dy_ends) {
        *dl += dy * centred;
        sum += dy * l;
    }
    back.iter().sum::<f64>() + sum
}

/// A sample at a time: what the roots make of it is kept for every component until the shares of the components are known.
fn by_hand<const D: usize>(p: &Mixture<D>, xs: &[[f64; D]], gamma: f64, m: usize) -> (f64, Mixture<D>) {
    let k = p.weights.len();
    let mut d = Mixture { weights: vec![0.0; k], means: vec![[0.0; D]; k], roots: vec![vec![0.0; D + D * (D - 1) / 2]; k] };
    let scales: Vec<[f64; D]> = p.roots.iter().map(|root| std::array::from_fn(|i| root[i].exp())).collect();
    let logs: Vec<f64> = p.roots.iter().map(|root| root[..D].iter().fold(0.0, |sum, v| sum + v)).collect();
    let mut d_scales = vec![[0.0; D]; k];
    let mut ys = vec![[0.0; D]; k];
    let mut terms = vec![0.0; k];
    let mut total = 0.0;
    for x in xs {
        for (c, ((y, term), root)) in ys.iter_mut().zip(&mut terms).zip(&p.roots).enumerate() {
            let (mean, scale) = (&p.means[c], &scales[c]);
            let mut below = &root[D..];
            let centred: [f64; D] = std::array::from_fn(|i| x[i] - mean[i]);
            for i in 0..D {
                y[i] = scale[i] * centred[i];
            }
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
        let value = shares(&mut terms);
        total += value;
        for (c, ((y, share), root)) in ys.iter().zip(&terms).zip(&p.roots).enumerate() {
            let (mean, scale, d_root) = (&p.means[c], &scales[c], &mut d.roots[c]);
            d.weights[c] += share;
            let centred: [f64; D] = std::array::from_fn(|i| x[i] - mean[i]);
            let dy: [f64; D] = std::array::from_fn(|i| -share * y[i]);
            let (d_scale, d_mean) = (&mut d_scales[c], &mut d.means[c]);
            if D <= 16 {
                // columns too short for lanes
                let size = D * (D - 1) / 2;
                let (below, d_below) = (&root[D..][..size], &mut d_root[D..][..size]);
                let mut back: [f64; D] = std::array::from_fn(|i| dy[i] * scale[i]);
                let mut at = 0;
                for i in 0..D {
                    for j in i + 1..D {
                        d_below[at] += dy[j] * centred[i];
                        back[i] += dy[j] * below[at];
                        at += 1;
                    }
                }
                for i in 0..D {
                    d_scale[i] += dy[i] * centred[i];
                    d_mean[i] -= back[i];
                }
                continue;
            }
            let (mut below, mut d_below) = (&root[D..], &mut d_root[D..]);
            for i in 0..D {
                let (column, rest) = below.split_at(D - 1 - i);
                let (d_column, d_rest) = d_below.split_at_mut(D - 1 - i);
                (below, d_below) = (rest, d_rest);
                let back = column_back::<8>(column, d_column, &dy[i + 1..], centred[i]);
                d_scale[i] += dy[i] * centred[i];
                d_mean[i] -= back + dy[i] * scale[i];
            }
        }
    }
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
