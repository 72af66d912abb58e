//! The crates that users would otherwise pick, behind one trait, so that a function is written once for both.

use std::cell::Cell;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use nalgebra::{Const, U1};
use num_dual::{DualNum, DualSVec64};

/// What the functions need of a scalar.
#[allow(missing_docs)]
pub trait Scalar:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    fn from(value: f64) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn sqrt(self) -> Self;
    fn tanh(self) -> Self;

    fn sigmoid(self) -> Self {
        Self::from(1.0) / (Self::from(1.0) + (-self).exp())
    }

    fn sum(of: impl Iterator<Item = Self>) -> Self {
        of.reduce(|sum, part| sum + part).unwrap_or(Self::from(0.0))
    }
}

impl<const N: usize> Scalar for DualSVec64<N> {
    fn from(value: f64) -> Self {
        Self::from_re(value)
    }

    fn exp(self) -> Self {
        DualNum::exp(&self)
    }

    fn ln(self) -> Self {
        DualNum::ln(&self)
    }

    fn sqrt(self) -> Self {
        DualNum::sqrt(&self)
    }

    fn tanh(self) -> Self {
        DualNum::tanh(&self)
    }
}

impl Scalar for echidna::Reverse<f64> {
    fn from(value: f64) -> Self {
        Self::constant(value)
    }

    fn exp(self) -> Self {
        num_traits::Float::exp(self)
    }

    fn ln(self) -> Self {
        num_traits::Float::ln(self)
    }

    fn sqrt(self) -> Self {
        num_traits::Float::sqrt(self)
    }

    fn tanh(self) -> Self {
        num_traits::Float::tanh(self)
    }
}

/// The value and gradient by num-dual: all directions at once.
pub fn num_dual<const N: usize>(x: &[f64; N], f: impl Fn(&[DualSVec64<N>]) -> DualSVec64<N>) -> (f64, Vec<f64>) {
    let mut inputs = x.map(DualSVec64::from_re);
    for (at, input) in inputs.iter_mut().enumerate() {
        *input = input.derivative(at);
    }
    let result = f(&inputs);
    (result.re, result.eps.unwrap_generic(Const::<N>, U1).as_slice().to_vec())
}

/// The value and gradient by echidna's reverse mode.
pub fn echidna(x: &[f64], f: impl FnOnce(&[echidna::Reverse<f64>]) -> echidna::Reverse<f64>) -> (f64, Vec<f64>) {
    let value = Cell::new(0.0);
    let gradient = echidna::grad(
        |x| {
            let result = f(x);
            value.set(num_traits::ToPrimitive::to_f64(&result).expect("a float"));
            result
        },
        x,
    );
    (value.get(), gradient)
}
