//! The sum of squared distances to the nearest centroid, as in gradbench's `kmeans`.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

const D: usize = 16;
const K: usize = 10;

twins! {
    (wrt(centroids)) {
        pub fn cost(points: &[[f64; D]], centroids: &[[f64; D]]) -> f64 {
            points
                .iter()
                .map(|point| {
                    centroids
                        .iter()
                        .map(|centroid| point.iter().zip(centroid).map(|(p, c)| (p - c).powi(2)).sum::<f64>())
                        .fold(f64::INFINITY, f64::min)
                })
                .sum()
        }
    }
}

/// Eight points in flight, each sum in its own order; which centroid is the nearest is asked without a branch.
fn by_hand(points: &[[f64; D]], centroids: &[[f64; D]]) -> (f64, Vec<[f64; D]>) {
    let mut d = vec![[0.0; D]; centroids.len()];
    let mut total = -0.0;
    let (blocks, rest) = points.as_chunks::<8>();
    blocks.iter().for_each(|block| together(block, centroids, &mut total, &mut d));
    rest.iter().for_each(|point| together(&[*point], centroids, &mut total, &mut d));
    (total, d)
}

/// Some points: the centroids pass by, and the nearest of each point is remembered.
#[inline]
fn together<const POINTS: usize>(points: &[[f64; D]; POINTS], centroids: &[[f64; D]], total: &mut f64, d: &mut [[f64; D]]) {
    let coordinates: [[f64; POINTS]; D] = std::array::from_fn(|j| std::array::from_fn(|p| points[p][j]));
    let (mut least, mut nearest) = ([f64::INFINITY; POINTS], [u64::MAX; POINTS]);
    for (index, centroid) in (0..).zip(centroids) {
        let mut sums = [-0.0; POINTS];
        for j in 0..D {
            for p in 0..POINTS {
                let difference = coordinates[j][p] - centroid[j];
                sums[p] += difference * difference;
            }
        }
        for p in 0..POINTS {
            let closer = sums[p] < least[p];
            least[p] = if closer { sums[p] } else { least[p] };
            nearest[p] = if closer { index } else { nearest[p] };
        }
    }
    for p in 0..POINTS {
        *total += least[p];
        let index = nearest[p] as usize;
        if let (Some(centroid), Some(d)) = (centroids.get(index), d.get_mut(index)) {
            for j in 0..D {
                d[j] -= 2.0 * (points[p][j] - centroid[j]);
            }
        }
    }
}

/// The centroids transposed, so that their distances are lanes of one sum.
fn by_hand_transposed(points: &[[f64; D]], centroids: &[[f64; D]]) -> (f64, Vec<[f64; D]>) {
    let mut d = vec![[0.0; D]; centroids.len()];
    let Ok(centroids) = <&[[f64; D]; K]>::try_from(centroids) else { return by_hand(points, centroids) };
    let transposed: [[f64; K]; D] = std::array::from_fn(|j| std::array::from_fn(|c| centroids[c][j]));
    let mut total = -0.0;
    for point in points {
        let mut sums = [-0.0; K];
        for j in 0..D {
            for c in 0..K {
                let difference = point[j] - transposed[j][c];
                sums[c] += difference * difference;
            }
        }
        let least = sums.iter().fold(f64::INFINITY, |least, d| if *d < least { *d } else { least });
        let index = (0..K).rev().fold(0, |index, c| if sums[c] == least { c } else { index });
        total += least;
        let (centroid, d) = (&centroids[index], &mut d[index]);
        for j in 0..D {
            d[j] -= 2.0 * (point[j] - centroid[j]);
        }
    }
    (total, d)
}

fn general<T: Scalar>(points: &[[f64; D]], centroids: &[T]) -> T {
    T::sum(points.iter().map(|point| {
        let distances = centroids.chunks(D).map(|centroid| {
            T::sum(point.iter().zip(centroid).map(|(p, c)| {
                let difference = T::from(*p) - *c;
                difference * difference
            }))
        });
        distances.reduce(|a, b| if b < a { b } else { a }).expect("centroids")
    }))
}

pub struct Data {
    points: Vec<[f64; D]>,
    centroids: Vec<[f64; D]>,
    flat: Vec<f64>,
}

#[inline(never)]
fn hand(d: &Data) -> (f64, Vec<[f64; D]>) {
    by_hand(&d.points, &d.centroids)
}

#[inline(never)]
fn generated(d: &Data) -> (f64, Vec<[f64; D]>) {
    exact::cost::value_and_grad(&d.points, &d.centroids)
}

pub fn problem(n: usize) -> Problem<Data> {
    let mut random = Random::new(11);
    let centroids: Vec<[f64; D]> = (0..K).map(|_| random.array()).collect();
    let points = (0..n).map(|_| random.array()).collect();
    let flat = centroids.concat();
    Problem::new("k-means", format!("n = {n}, k = {K}, d = {D}"), n, Data { points, centroids, flat })
        .with(Role::Primal, |d| exact::cost(&d.points, &d.centroids))
        .with(Role::Hand, hand)
        .with(Role::HandOther, |d| by_hand_transposed(&d.points, &d.centroids))
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |d| exact::cost::grad(&d.points, &d.centroids))
        .adding(Role::Vjp, |d| d.centroids.zeros_like(), |d, g| exact::cost::vjp(&d.points, &d.centroids, 1.0, g))
        .with(Role::Relaxed, |d| relaxed::cost::value_and_grad(&d.points, &d.centroids))
        .adding(Role::RelaxedVjp, |d| d.centroids.zeros_like(), |d, g| relaxed::cost::vjp(&d.points, &d.centroids, 1.0, g))
        .with(Role::Echidna, |d| others::echidna(&d.flat, |centroids| general(&d.points, centroids)))
}
