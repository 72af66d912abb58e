//! Functions that losses use.

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
/// The derivative is the softmax of `x`: exp(xᵢ − logsumexp(x)).
pub fn logsumexp<T: Real>(x: &[T]) -> T {
    let Some(max) = x.iter().copied().reduce(|a, b| if b > a || b.is_nan() { b } else { a }) else {
        return T::ZERO.ln();
    };
    if max.is_infinite() || max.is_nan() {
        return max;
    }
    let mut sum = T::ZERO;
    for x in x {
        sum += (*x - max).exp();
    }
    max + sum.ln()
}

/// The derivatives of [`logsumexp()`].
#[allow(non_camel_case_types, reason = "it has the name of the function")]
pub enum logsumexp {}

impl logsumexp {
    /// The value; adds `seed` times its derivative to `d_x`.
    ///
    /// # Panics
    ///
    /// If `d_x` has another length than `x`.
    #[inline]
    pub fn vjp<T: Real>(x: &[T], seed: T, d_x: &mut [T]) -> T {
        let value = logsumexp(x);
        add_softmax(x, value, seed, d_x);
        value
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
        let value = logsumexp(x);
        let mut tangent = T::ZERO;
        for (x, x_dot) in x.iter().zip(x_dot) {
            tangent += (*x - value).exp() * x_dot;
        }
        (value, tangent)
    }

    #[doc(hidden)]
    #[inline]
    pub fn __fused<T: Real>(_: impl Fn(&[T]) -> T + Copy + 'static, x: &[T], seed: &T, d_x: Option<&mut [T]>) -> T {
        let value = logsumexp(x);
        if let Some(d_x) = d_x {
            add_softmax(x, value, *seed, d_x);
        }
        value
    }

    #[doc(hidden)]
    #[inline]
    #[allow(clippy::type_complexity, reason = "the type says which arguments the backward half takes")]
    pub fn __split<T: Real, F: Fn(&[T]) -> T + Copy + 'static>(
        _: F,
        x: &[T],
    ) -> (T, impl Fn(&[T], &T, Option<&mut [T]>) + 'static + use<T, F>) {
        let value = logsumexp(x);
        let backward = move |x: &[T], seed: &T, d_x: Option<&mut [T]>| {
            if let Some(d_x) = d_x {
                add_softmax(x, value, *seed, d_x);
            }
        };
        (value, backward)
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
        let backward =
            move |x: &[T], x_dot: Option<&[T]>, seed: &T, seed_dot: &T, d_x: Option<&mut [T]>, d_x_dot: Option<&mut [T]>| {
                if let Some(d_x) = d_x {
                    add_softmax(x, value, *seed, d_x);
                }
                let Some(d_x_dot) = d_x_dot else { return };
                for (i, (d_x_dot, x)) in d_x_dot.iter_mut().zip(x).enumerate() {
                    let share = (*x - value).exp();
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

/// `d_x += seed · softmax(x)`, given the logarithm of the sum.
#[inline]
fn add_softmax<T: Real>(x: &[T], value: T, seed: T, d_x: &mut [T]) {
    crate::rt::same_length("d_x", x, d_x);
    for (d_x, x) in d_x.iter_mut().zip(x) {
        *d_x += seed * (*x - value).exp();
    }
}
