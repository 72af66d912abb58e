//! The determinant by minors along rows, as in gradbench's `det`.

use differentiable::prelude::*;

use super::{Random, twins};
use crate::harness::{Problem, Role};
use crate::others::{self, Scalar};

twins! {
    () {
        pub fn minor(a: &[[f64; 7]; 7], row: usize, columns: u32) -> f64 {
            if row == 6 {
                return a[6][columns.trailing_zeros() as usize];
            }
            let mut sum = 0.0;
            let mut sign = 1.0;
            for column in 0..7 {
                if columns >> column & 1 == 1 {
                    sum += sign * a[row][column] * minor(a, row + 1, columns & !(1 << column));
                    sign = -sign;
                }
            }
            sum
        }
    }
    () {
        pub fn determinant(a: &[[f64; 7]; 7]) -> f64 {
            minor(a, 0, 0b111_1111)
        }
    }
}

type Matrix = [[f64; 7]; 7];

/// The factor in front of each minor is known before the minor, so it takes its cotangent along.
fn by_hand(a: &Matrix) -> (f64, Matrix) {
    fn minor(a: &Matrix, row: usize, columns: u32, seed: f64, d: &mut Matrix) -> f64 {
        if row == 6 {
            let column = columns.trailing_zeros() as usize;
            d[6][column] += seed;
            return a[6][column];
        }
        let (mut sum, mut sign) = (0.0, 1.0);
        for column in 0..7 {
            if columns >> column & 1 == 1 {
                let factor = sign * a[row][column];
                let value = minor(a, row + 1, columns & !(1 << column), seed * factor, d);
                sum += factor * value;
                d[row][column] += seed * sign * value;
                sign = -sign;
            }
        }
        sum
    }
    let mut d = [[0.0; 7]; 7];
    (minor(a, 0, 0b111_1111, 1.0, &mut d), d)
}

/// The rows are levels of a constant, so that all of them are inlined and the last two are minors of 2 × 2 written out.
fn by_hand_written_out(a: &Matrix) -> (f64, Matrix) {
    /// The columns that are left, in order.
    fn without<const N: usize, const M: usize>(columns: &[usize; N], skipped: usize) -> [usize; M] {
        std::array::from_fn(|i| columns[if i < skipped { i } else { i + 1 }])
    }
    macro_rules! level {
        ($name:ident, $next:ident, $n:literal, $m:literal, $row:literal) => {
            #[inline]
            fn $name(a: &Matrix, columns: &[usize; $n], seed: f64, d: &mut Matrix) -> f64 {
                let (mut sum, mut sign) = (0.0, 1.0);
                for i in 0..$n {
                    let column = columns[i] % 7;
                    let factor = sign * a[$row][column];
                    let value = $next(a, &without::<$n, $m>(columns, i), seed * factor, d);
                    sum += factor * value;
                    d[$row][column] += seed * sign * value;
                    sign = -sign;
                }
                sum
            }
        };
    }
    #[inline]
    fn two(a: &Matrix, columns: &[usize; 2], seed: f64, d: &mut Matrix) -> f64 {
        let [p, q] = [columns[0] % 7, columns[1] % 7];
        let value = 0.0 + a[5][p] * a[6][q] - a[5][q] * a[6][p];
        d[5][p] += seed * a[6][q];
        d[6][q] += seed * a[5][p];
        d[5][q] -= seed * a[6][p];
        d[6][p] -= seed * a[5][q];
        value
    }
    level!(three, two, 3, 2, 4);
    level!(four, three, 4, 3, 3);
    level!(five, four, 5, 4, 2);
    level!(six, five, 6, 5, 1);
    level!(seven, six, 7, 6, 0);
    let mut d = [[0.0; 7]; 7];
    (seven(a, &[0, 1, 2, 3, 4, 5, 6], 1.0, &mut d), d)
}

fn general<T: Scalar>(a: &[T], row: usize, columns: u32) -> T {
    if row == 6 {
        return a[42 + columns.trailing_zeros() as usize];
    }
    let mut sum = T::from(0.0);
    let mut sign = 1.0;
    for column in 0..7 {
        if columns >> column & 1 == 1 {
            sum += T::from(sign) * a[7 * row + column] * general(a, row + 1, columns & !(1 << column));
            sign = -sign;
        }
    }
    sum
}

#[inline(never)]
fn hand((a, _): &(Matrix, [f64; 49])) -> (f64, Matrix) {
    by_hand(a)
}

#[inline(never)]
fn generated((a, _): &(Matrix, [f64; 49])) -> (f64, Matrix) {
    exact::determinant::value_and_grad(a)
}

pub fn problem() -> Problem<(Matrix, [f64; 49])> {
    let flat: [f64; 49] = Random::new(8).array();
    let a = std::array::from_fn(|i| std::array::from_fn(|j| flat[7 * i + j]));
    Problem::new("determinant", "7 × 7", 1, (a, flat))
        .with(Role::Primal, |(a, _)| exact::determinant(a))
        .with(Role::Hand, hand)
        .with(Role::HandOther, |(a, _)| by_hand_written_out(a))
        .with(Role::ValueAndGrad, generated)
        .with(Role::Grad, |(a, _)| exact::determinant::grad(a))
        .adding(Role::Vjp, |_| [[0.0; 7]; 7], |(a, _), d| exact::determinant::vjp(a, 1.0, d))
        .with(Role::Relaxed, |(a, _)| relaxed::determinant::value_and_grad(a))
        .adding(Role::RelaxedVjp, |_| [[0.0; 7]; 7], |(a, _), d| relaxed::determinant::vjp(a, 1.0, d))
        .with(Role::NumDual, |(_, a)| others::num_dual(a, |a| general(a, 0, 0b111_1111)))
        .with(Role::Echidna, |(_, a)| others::echidna(a, |a| general(a, 0, 0b111_1111)))
}
