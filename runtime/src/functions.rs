//! Functions that losses use.

mod many;

use crate::real::Real;
use crate::scalar::Number;
use crate::space::Differentiable;

/// The value, with the derivative zero.
///
/// ```
/// use differentiable::prelude::*;
///
/// #[differentiable]
/// fn loss(x: f64) -> f64 {
///     x * stop_gradient(x)
/// }
/// assert_eq!(loss::grad(3.0), 3.0);
/// ```
#[inline]
pub fn stop_gradient<D: Differentiable>(mut x: D) -> D {
    D::leaves([&mut x], [], &mut |[slice], []: [&[D::Scalar]; 0]| slice.iter_mut().for_each(|x| *x = x.stopped()));
    x
}

/// ln Σ exp(xᵢ), without overflow; −∞ for an empty slice.
///
/// The derivative is the softmax of `x`. `vjp` computes every exponential once: it keeps up to 1024 of them on the stack, and more in the
/// adjoint up to its first number that is not zero, as for `grad` and `value_and_grad` none is. Those from there on are computed twice.
pub fn logsumexp<T: Real>(x: &[T]) -> T {
    Scaled::of(x).logarithm()
}

/// A sum of exponentials as exp(max) · sum, so that none of them overflows.
#[derive(Clone, Copy)]
struct Scaled<T> {
    max: T,
    sum: T,
}

impl<T: Real> Scaled<T> {
    #[inline]
    fn of(x: &[T]) -> Self {
        let max = largest(x);
        if max.is_infinite() || max.is_nan() {
            return Self { max, sum: T::ONE };
        }
        let mut sum = T::ZERO;
        x.iter().for_each(|x| sum += (*x - max).exp());
        Self { max, sum }
    }

    /// The same, with the exponentials kept.
    #[inline]
    fn keep(x: &[T], exponentials: &mut [T]) -> Self {
        let max = largest(x);
        let mut sum = T::ZERO;
        for (e, x) in exponentials.iter_mut().zip(x) {
            *e = (*x - max).exp();
            sum += *e;
        }
        Self { max, sum: if max.is_infinite() || max.is_nan() { T::ONE } else { sum } }
    }

    #[inline]
    fn logarithm(self) -> T {
        self.max + self.sum.ln()
    }
}

/// The largest element; NaN where there is one among infinite ones, or nothing else; −∞ for an empty slice. Other NaNs reach the sum.
#[inline]
fn largest<T: Real>(x: &[T]) -> T {
    const LANES: usize = 4;
    let larger = |a: T, b: T| if b > a { b } else { a };
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [-(T::ONE / T::ZERO); LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], chunk[lane]);
        }
    }
    let max = rest.iter().chain(&lanes[1..]).fold(lanes[0], |max, x| larger(max, *x));
    let nan = if max.is_infinite() { x.iter().copied().find(|x| x.is_nan()) } else { None };
    nan.unwrap_or(max)
}

/// The derivatives of [`logsumexp()`].
#[allow(non_camel_case_types, reason = "it has the name of the function")]
pub enum logsumexp {}

impl logsumexp {
    #[doc(hidden)]
    pub const __IS_PURE: bool = true;

    /// The value; adds `seed` times its derivative to `d_x`.
    ///
    /// # Panics
    ///
    /// If `d_x` has another length than `x`.
    #[inline]
    pub fn vjp<T: Real>(x: &[T], seed: T, d_x: &mut [T]) -> T {
        crate::rt::same_length("d_x", x, d_x);
        match x.len() {
            0..=8 => add_kept::<T, 8>(x, seed, d_x),
            9..=64 => add_kept::<T, 64>(x, seed, d_x),
            65..=1024 => add_kept::<T, 1024>(x, seed, d_x),
            _ => add_in_place(x, seed, d_x),
        }
    }

    /// The value, and its derivative along `x_dot`.
    ///
    /// # Panics
    ///
    /// If `x_dot` has another length than `x`.
    #[must_use]
    #[inline]
    pub fn jvp<T: Real>(x: &[T], x_dot: &[T]) -> (T, T) {
        crate::rt::same_length("x_dot", x, x_dot);
        let max = largest(x);
        let (mut sum, mut tangent) = (T::ZERO, T::ZERO);
        for (x, x_dot) in x.iter().zip(x_dot) {
            let e = (*x - max).exp();
            sum += e;
            tangent += e * x_dot;
        }
        if max.is_infinite() || max.is_nan() {
            return (max, tangent);
        }
        (max + sum.ln(), tangent / sum)
    }

    #[doc(hidden)]
    #[inline]
    pub fn __fused<T: Real>(_: impl Fn(&[T]) -> T + Copy + 'static, x: &[T], seed: &T, d_x: Option<&mut [T]>) -> T {
        match d_x {
            Some(d_x) => Self::vjp(x, *seed, d_x),
            None => logsumexp(x),
        }
    }

    #[doc(hidden)]
    #[inline]
    #[allow(clippy::type_complexity, reason = "the type says which arguments the backward half takes")]
    pub fn __split<T: Real, F: Fn(&[T]) -> T + Copy + 'static>(
        _: F,
        x: &[T],
    ) -> (T, impl Fn(&[T], &T, Option<&mut [T]>) + 'static + use<T, F>) {
        let scaled = Scaled::of(x);
        let backward = move |x: &[T], seed: &T, d_x: Option<&mut [T]>| {
            if let Some(d_x) = d_x {
                add_softmax(x, scaled, *seed, d_x);
            }
        };
        (scaled.logarithm(), backward)
    }

    #[doc(hidden)]
    #[inline]
    #[allow(clippy::type_complexity, reason = "the type says which arguments the backward half takes")]
    pub fn __split_tangent<T: Real, F: Fn(&[T]) -> T + Copy + 'static>(
        function: F,
        x: &[T],
        x_dot: Option<&[T]>,
    ) -> (T, T, impl Fn(&[T], Option<&[T]>, &T, &T, Option<&mut [T]>, Option<&mut [T]>) + 'static + use<T, F>) {
        let (value, tangent) = Self::__tangent(function, x, x_dot);
        let scaled = Scaled::of(x);
        let backward =
            move |x: &[T], x_dot: Option<&[T]>, seed: &T, seed_dot: &T, d_x: Option<&mut [T]>, d_x_dot: Option<&mut [T]>| {
                if let Some(d_x) = d_x {
                    add_softmax(x, scaled, *seed, d_x);
                }
                let Some(d_x_dot) = d_x_dot else { return };
                for (i, (d_x_dot, x)) in d_x_dot.iter_mut().zip(x).enumerate() {
                    let share = (*x - scaled.max).exp() / scaled.sum;
                    let x_dot = x_dot.map_or(T::ZERO, |x_dot| x_dot[i]);
                    *d_x_dot += *seed_dot * share + *seed * share * (x_dot - tangent);
                }
            };
        (value, tangent, backward)
    }

    #[doc(hidden)]
    #[inline]
    pub fn __tangent<T: Real>(_: impl Fn(&[T]) -> T + Copy + 'static, x: &[T], x_dot: Option<&[T]>) -> (T, T) {
        match x_dot {
            Some(x_dot) => Self::jvp(x, x_dot),
            None => (logsumexp(x), T::ZERO),
        }
    }
}

/// `d_x += seed · softmax(x)`.
#[inline]
fn add_softmax<T: Real>(x: &[T], scaled: Scaled<T>, seed: T, d_x: &mut [T]) {
    crate::rt::same_length("d_x", x, d_x);
    let factor = seed / scaled.sum;
    for (d_x, x) in d_x.iter_mut().zip(x) {
        *d_x += factor * (*x - scaled.max).exp();
    }
}

/// The logarithm, and `d_x += seed · softmax(x)`, for up to `N` elements.
#[inline]
fn add_kept<T: Real, const N: usize>(x: &[T], seed: T, d_x: &mut [T]) -> T {
    let mut kept = [T::ZERO; N];
    let exponentials = &mut kept[..x.len()];
    let scaled = Scaled::keep(x, exponentials);
    let factor = seed / scaled.sum;
    d_x.iter_mut().zip(exponentials).for_each(|(d_x, e)| *d_x += factor * *e);
    scaled.logarithm()
}

/// The same for any number of elements: the exponentials are kept in `d_x` up to where it holds something, and computed again from there on.
#[inline]
fn add_in_place<T: Real>(x: &[T], seed: T, d_x: &mut [T]) -> T {
    const CHUNK: usize = 32;
    let max = largest(x);
    let (mut sum, mut kept) = (T::ZERO, 0);
    // each chunk of zeros is read right before it is overwritten, not in a pass of its own
    for (zeros, x) in d_x.chunks_mut(CHUNK).zip(x.chunks(CHUNK)) {
        if !vanish(zeros) {
            break;
        }
        for (e, x) in zeros.iter_mut().zip(x) {
            *e = (*x - max).exp();
            sum += *e;
        }
        kept += x.len();
    }
    x[kept..].iter().for_each(|x| sum += (*x - max).exp());
    let scaled = Scaled { max, sum: if max.is_infinite() || max.is_nan() { T::ONE } else { sum } };
    let factor = seed / scaled.sum;
    let (exponentials, rest) = d_x.split_at_mut(kept);
    exponentials.iter_mut().for_each(|e| *e = T::ZERO + factor * *e);
    add_softmax(&x[kept..], scaled, seed, rest);
    scaled.logarithm()
}

/// Whether all are zero.
#[inline]
fn vanish<T: Real>(x: &[T]) -> bool {
    x.iter().fold(true, |vanish, x| vanish & x.vanishes())
}
