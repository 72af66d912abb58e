//! The squared length of a matrix times a vector, by the vector.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

const N: usize = 256;

twins! {
    (wrt(x)) {
        pub fn squares(a: &[[f64; N]], x: &[f64; N]) -> f64 {
            a.iter()
                .map(|row| {
                    let product: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
                    product * product
                })
                .sum()
        }
    }
}

/// Eight rows in flight, each sum in its own order.
fn by_hand(a: &[[f64; N]], x: &[f64; N]) -> (f64, [f64; N]) {
    const ROWS: usize = 8;
    let (mut total, mut d) = (-0.0, [0.0; N]);
    let (blocks, rest) = a.as_chunks::<ROWS>();
    for rows in blocks {
        let mut products = [-0.0; ROWS];
        for j in 0..N {
            for r in 0..ROWS {
                products[r] += rows[r][j] * x[j];
            }
        }
        for product in products {
            total += product * product;
        }
        let factors = products.map(|product| 2.0 * product);
        for j in 0..N {
            let mut sum = d[j];
            for r in 0..ROWS {
                sum += factors[r] * rows[r][j];
            }
            d[j] = sum;
        }
    }
    for row in rest {
        let product: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
        total += product * product;
        for (d, a) in d.iter_mut().zip(row) {
            *d += 2.0 * product * a;
        }
    }
    (total, d)
}

fn general<T: Scalar>(a: &[[f64; N]], x: &[T]) -> T {
    T::sum(a.iter().map(|row| {
        let product = T::sum(row.iter().zip(x).map(|(a, x)| T::from(*a) * *x));
        product * product
    }))
}

pub struct Data {
    a: Vec<[f64; N]>,
    x: [f64; N],
}

#[inline(never)]
fn hand(d: &Data) -> (f64, [f64; N]) {
    by_hand(&d.a, &d.x)
}

#[inline(never)]
fn generated(d: &Data) -> (f64, [f64; N]) {
    exact::squares::value_and_grad(&d.a, &d.x)
}

pub fn problem() -> Problem<Data> {
    let mut random = Random::new(13);
    let data = Data { a: (0..N).map(|_| random.array()).collect(), x: random.array() };
    Problem::new("‖Ax‖²", "256 × 256", N * N, data)
        .with(Role::Primal, |d| exact::squares(&d.a, &d.x))
        .with(Role::Hand, hand)
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |d| exact::squares::grad(&d.a, &d.x))
        .adding(Role::Vjp, |_| [0.0; N], |d, g| exact::squares::vjp(&d.a, &d.x, 1.0, g))
        .with(Role::Relaxed, |d| relaxed::squares::value_and_grad(&d.a, &d.x))
        .adding(Role::RelaxedVjp, |_| [0.0; N], |d, g| relaxed::squares::vjp(&d.a, &d.x, 1.0, g))
        .with(Role::Echidna, |d| others::echidna(&d.x, |x| general(&d.a, x)))
}
