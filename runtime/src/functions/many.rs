//! [`logsumexp()`] with its exponentials many at a time, for `relaxed`: of one sequence, and of eight side by side.
//!
//! *In:* numbers, cotangents and adjoints. *Out:* the values; the derivatives are added to the adjoints. Infinities and NaN come out as from the
//! function itself; sums run in eight chains.

use super::{Scaled, largest, logsumexp, vanish};
use crate::real::Real;
use crate::rt::vector::Function;

/// How many exponentials stand beside each other where they are not kept.
const BLOCK: usize = 64;
/// How many sequences run side by side.
const LANES: usize = 8;

impl logsumexp {
    /// The value, and the derivative added to `d_x`. The last argument is what does the same with exponentials one by one.
    #[doc(hidden)]
    #[inline]
    pub fn __relaxed<T: Real>(
        x: &[T],
        seed: &T,
        d_x: Option<&mut [T]>,
        one_by_one: impl FnOnce(&[T], &T, Option<&mut [T]>) -> T,
    ) -> T {
        let Some(d_x) = d_x else { return one_by_one(x, seed, None) };
        crate::rt::same_length("d_x", x, d_x);
        match x.len() {
            0..=8 => add_kept::<T, 8>(x, *seed, d_x),
            9..=64 => add_kept::<T, 64>(x, *seed, d_x),
            65..=1024 => add_kept::<T, 1024>(x, *seed, d_x),
            _ => add_in_place(x, *seed, d_x),
        }
    }

    /// Whether it has set the values of eight sequences that lie side by side, and added their derivatives to `d_x`: not if they are long.
    #[doc(hidden)]
    #[inline]
    pub fn __in_lanes<T: Real>(x: &[[T; LANES]], seeds: &[T; LANES], d_x: &mut [[T; LANES]], values: &mut [T; LANES]) -> bool {
        crate::rt::same_length("d_x", x, d_x);
        match x.len() {
            0..=8 => side_by_side::<T, 8>(x, seeds, d_x, values),
            9..=32 => side_by_side::<T, 32>(x, seeds, d_x, values),
            33..=128 => side_by_side::<T, 128>(x, seeds, d_x, values),
            _ => return false,
        }
        true
    }
}

/// The exponentials of what numbers are above the largest.
#[inline(always)]
fn exponentials<T: Real>(x: &[T], max: T, into: &mut [T]) {
    into.iter_mut().zip(x).for_each(|(e, x)| *e = *x - max);
    T::each(Function::Exp, into);
}

/// A sum in eight chains, which blocks of a multiple of eight numbers are added to one after the other.
struct Sum<T>([T; 8]);

impl<T: Real> Sum<T> {
    #[inline(always)]
    const fn new() -> Self {
        Self([T::ZERO; 8])
    }

    #[inline(always)]
    fn add(&mut self, block: &[T]) {
        let (eights, rest) = block.as_chunks::<8>();
        for eight in eights {
            for chain in 0..8 {
                self.0[chain] += eight[chain];
            }
        }
        self.0.iter_mut().zip(rest).for_each(|(chain, e)| *chain += *e);
    }

    #[inline(always)]
    fn scaled(self, max: T) -> Scaled<T> {
        let Self([a, b, c, d, e, f, g, h]) = self;
        let sum = ((a + e) + (c + g)) + ((b + f) + (d + h));
        Scaled { max, sum: if max.is_infinite() || max.is_nan() { T::ONE } else { sum } }
    }
}

/// The logarithm, and `d_x += seed · softmax(x)`, for up to `N` elements.
#[inline]
fn add_kept<T: Real, const N: usize>(x: &[T], seed: T, d_x: &mut [T]) -> T {
    let max = largest(x);
    let mut kept = [T::ZERO; N];
    let kept = &mut kept[..x.len()];
    exponentials(x, max, kept);
    let mut sum = Sum::new();
    sum.add(kept);
    let scaled = sum.scaled(max);
    let factor = seed / scaled.sum;
    d_x.iter_mut().zip(kept).for_each(|(d_x, e)| *d_x += factor * *e);
    scaled.logarithm()
}

/// The same for any number of elements: the exponentials are kept in `d_x` up to where it holds something, and computed again from there on.
#[inline]
fn add_in_place<T: Real>(x: &[T], seed: T, d_x: &mut [T]) -> T {
    let max = largest(x);
    let (mut sum, mut kept) = (Sum::new(), 0);
    for (zeros, x) in d_x.chunks_mut(BLOCK).zip(x.chunks(BLOCK)) {
        if !vanish(zeros) {
            break;
        }
        exponentials(x, max, zeros);
        sum.add(zeros);
        kept += x.len();
    }
    let mut block = [T::ZERO; BLOCK];
    for x in x[kept..].chunks(BLOCK) {
        let block = &mut block[..x.len()];
        exponentials(x, max, block);
        sum.add(block);
    }
    let scaled = sum.scaled(max);
    let factor = seed / scaled.sum;
    let (zeros, rest) = d_x.split_at_mut(kept);
    zeros.iter_mut().for_each(|e| *e = T::ZERO + factor * *e);
    for (d_x, x) in rest.chunks_mut(BLOCK).zip(x[kept..].chunks(BLOCK)) {
        let block = &mut block[..x.len()];
        exponentials(x, max, block);
        d_x.iter_mut().zip(block).for_each(|(d_x, e)| *d_x += factor * *e);
    }
    scaled.logarithm()
}

/// The same for eight sequences of up to `N` elements, each of which is summed in its order.
#[inline]
fn side_by_side<T: Real, const N: usize>(x: &[[T; LANES]], seeds: &[T; LANES], d_x: &mut [[T; LANES]], values: &mut [T; LANES]) {
    let max = largest_of_each(x);
    let mut kept = [[T::ZERO; LANES]; N];
    let kept = &mut kept[..x.len()];
    for (e, x) in kept.iter_mut().zip(x) {
        for lane in 0..LANES {
            e[lane] = x[lane] - max[lane];
        }
    }
    T::each(Function::Exp, kept.as_flattened_mut());
    let mut sums = [T::ZERO; LANES];
    for e in kept.iter() {
        for lane in 0..LANES {
            sums[lane] += e[lane];
        }
    }
    for lane in 0..LANES {
        sums[lane] = if max[lane].is_infinite() || max[lane].is_nan() { T::ONE } else { sums[lane] };
    }
    let factors: [T; LANES] = core::array::from_fn(|lane| seeds[lane] / sums[lane]);
    for (d_x, e) in d_x.iter_mut().zip(kept) {
        for lane in 0..LANES {
            d_x[lane] += factors[lane] * e[lane];
        }
    }
    T::each(Function::Ln, &mut sums);
    *values = core::array::from_fn(|lane| max[lane] + sums[lane]);
}

/// The largest element of each of eight sequences, as [`largest`] gives it.
#[inline]
fn largest_of_each<T: Real>(x: &[[T; LANES]]) -> [T; LANES] {
    let mut max = [-(T::ONE / T::ZERO); LANES];
    for x in x {
        for lane in 0..LANES {
            max[lane] = if x[lane] > max[lane] { x[lane] } else { max[lane] };
        }
    }
    if max.iter().any(|max| max.is_infinite()) {
        for lane in 0..LANES {
            let nan = if max[lane].is_infinite() { x.iter().map(|x| x[lane]).find(|x| x.is_nan()) } else { None };
            max[lane] = nan.unwrap_or(max[lane]);
        }
    }
    max
}
