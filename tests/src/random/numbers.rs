//! The oracle's numbers: a float, computed as the program computes it, beside a hyper-dual number of num-dual.
//!
//! The float decides every branch and every index, so that the oracle takes the way that the program takes, bit by bit. The
//! derivatives are num-dual's, of the same operations. Where a program comes close to a point without a derivative, the numbers
//! remember it: see [`kinks`].

use std::cell::Cell;
use std::cmp::Ordering;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use differentiable::Real;
use num_dual::{DualNum, HyperDual, HyperDual64};

thread_local! {
    static KINKS: Cell<usize> = const { Cell::new(0) };
}

/// How many operations since the last call came too close to a point where they have no derivative.
pub fn kinks() -> usize {
    KINKS.replace(0)
}

/// A number of the oracle.
pub trait Oracle: Copy {
    /// A number with the derivatives that are given: along the first direction, and along the second.
    fn new(value: f64, first: f64, second: f64) -> Self;
    /// The value, as the program computes it.
    fn value(self) -> f64;
    /// The value in the arithmetic of the derivatives, which is that of `f64`.
    fn exact(self) -> f64;
    /// The derivatives along the first direction, along the second, and along both.
    fn derivatives(self) -> [f64; 3];
}

/// What counts an operation as too close to a kink: a number that is near zero, unless it stays as it is in all directions.
fn kink_near_zero(number: HyperDual64, near: f64) {
    if number.re.abs() < near && (number.eps1 != 0.0 || number.eps2 != 0.0 || number.eps1eps2 != 0.0) {
        KINKS.set(KINKS.get() + 1);
    }
}

macro_rules! operators {
    ($name:ident: $($trait:ident $method:ident $assign:ident $assigning:ident,)*) => {$(
        impl $trait<&$name> for $name {
            type Output = $name;
            fn $method(self, by: &$name) -> $name {
                $trait::$method(self, *by)
            }
        }
        impl $trait<$name> for &$name {
            type Output = $name;
            fn $method(self, by: $name) -> $name {
                $trait::$method(*self, by)
            }
        }
        impl $trait<&$name> for &$name {
            type Output = $name;
            fn $method(self, by: &$name) -> $name {
                $trait::$method(*self, *by)
            }
        }
        impl $assign for $name {
            fn $assigning(&mut self, by: $name) {
                *self = $trait::$method(*self, by);
            }
        }
        impl $assign<&$name> for $name {
            fn $assigning(&mut self, by: &$name) {
                *self = $trait::$method(*self, *by);
            }
        }
    )*};
}

/// Functions that num-dual has under the same name.
macro_rules! functions {
    ($($name:ident)*) => {$(
        #[must_use]
        pub fn $name(self) -> Self {
            Self { value: self.value.$name(), dual: DualNum::$name(&self.dual) }
        }
    )*};
}

/// Functions that are constant between their steps.
macro_rules! steps {
    ($($name:ident)*) => {$(
        #[must_use]
        pub fn $name(self) -> Self {
            self.kink_near_integer();
            Self::of(self.value.$name())
        }
    )*};
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $float:ident, $near:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            value: $float,
            dual: HyperDual64,
        }

        impl Oracle for $name {
            fn new(value: f64, first: f64, second: f64) -> Self {
                let value = value as $float;
                Self { value, dual: HyperDual::new(f64::from(value), first, second, 0.0) }
            }
            fn value(self) -> f64 {
                f64::from(self.value)
            }
            fn exact(self) -> f64 {
                self.dual.re
            }
            fn derivatives(self) -> [f64; 3] {
                [self.dual.eps1, self.dual.eps2, self.dual.eps1eps2]
            }
        }

        #[allow(missing_docs, reason = "the methods of floats, under their names")]
        impl $name {
            functions! {
                recip sqrt cbrt exp exp2 exp_m1 ln log2 log10 ln_1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
            }
            steps! { floor ceil trunc }

            /// A constant.
            #[must_use]
            pub fn of(value: $float) -> Self {
                Self { value, dual: HyperDual::from_re(f64::from(value)) }
            }
            /// The float, for casts and conditions.
            #[must_use]
            pub fn float(self) -> $float {
                self.value
            }
            fn kink_near_integer(self) {
                kink_near_zero(self.dual - self.dual.re.round(), $near);
            }
            fn with(self, value: $float, dual: HyperDual64) -> Self {
                Self { value, dual }
            }
            #[must_use]
            pub fn round(self) -> Self {
                kink_near_zero(self.dual - (self.dual.re + 0.5).round() + 0.5, $near);
                Self::of(self.value.round())
            }
            #[must_use]
            pub fn fract(self) -> Self {
                self.kink_near_integer();
                self.with(self.value.fract(), self.dual - self.dual.re.trunc())
            }
            #[must_use]
            pub fn abs(self) -> Self {
                kink_near_zero(self.dual, $near);
                self.with(self.value.abs(), if self.value < 0.0 { -self.dual } else { self.dual })
            }
            #[must_use]
            pub fn signum(self) -> Self {
                kink_near_zero(self.dual, $near);
                Self::of(self.value.signum())
            }
            #[must_use]
            pub fn max(self, other: Self) -> Self {
                kink_near_zero(self.dual - other.dual, $near);
                if self.value >= other.value { self } else { other }
            }
            #[must_use]
            pub fn min(self, other: Self) -> Self {
                kink_near_zero(self.dual - other.dual, $near);
                if self.value <= other.value { self } else { other }
            }
            #[must_use]
            pub fn clamp(self, low: Self, high: Self) -> Self {
                self.max(low).min(high)
            }
            #[must_use]
            pub fn copysign(self, sign: Self) -> Self {
                kink_near_zero(self.dual, $near);
                kink_near_zero(sign.dual, $near);
                let same = self.value.is_sign_negative() == sign.value.is_sign_negative();
                self.with(self.value.copysign(sign.value), if same { self.dual } else { -self.dual })
            }
            #[must_use]
            pub fn rem_euclid(self, by: Self) -> Self {
                let quotient = self.dual / by.dual;
                kink_near_zero(quotient - quotient.re.round(), $near);
                let times = f64::from(self.value.div_euclid(by.value));
                self.with(self.value.rem_euclid(by.value), self.dual - by.dual * times)
            }
            #[must_use]
            pub fn hypot(self, other: Self) -> Self {
                let squares = self.dual * self.dual + other.dual * other.dual;
                self.with(self.value.hypot(other.value), DualNum::sqrt(&squares))
            }
            #[must_use]
            pub fn atan2(self, other: Self) -> Self {
                self.with(self.value.atan2(other.value), DualNum::atan2(&self.dual, other.dual))
            }
            #[must_use]
            pub fn powi(self, n: i32) -> Self {
                self.with(self.value.powi(n), DualNum::powi(&self.dual, n))
            }
            #[must_use]
            pub fn powf(self, exponent: Self) -> Self {
                self.with(self.value.powf(exponent.value), DualNum::powd(&self.dual, exponent.dual))
            }
            #[must_use]
            pub fn log(self, base: Self) -> Self {
                self.with(self.value.log(base.value), DualNum::ln(&self.dual) / DualNum::ln(&base.dual))
            }
            #[must_use]
            pub fn mul_add(self, factor: Self, addend: Self) -> Self {
                let dual = self.dual * factor.dual + addend.dual;
                self.with(self.value.mul_add(factor.value, addend.value), dual)
            }
            #[must_use]
            pub fn sin_cos(self) -> (Self, Self) {
                (self.sin(), self.cos())
            }
            #[must_use]
            pub fn to_degrees(self) -> Self {
                self.with(self.value.to_degrees(), self.dual * 1f64.to_degrees())
            }
            #[must_use]
            pub fn to_radians(self) -> Self {
                self.with(self.value.to_radians(), self.dual * 1f64.to_radians())
            }
            #[must_use]
            pub fn sigmoid(self) -> Self {
                self.with(Real::sigmoid(self.value), DualNum::recip(&(DualNum::exp(&-self.dual) + 1.0)))
            }
            #[must_use]
            pub fn softplus(self) -> Self {
                self.with(Real::softplus(self.value), DualNum::ln(&(DualNum::exp(&self.dual) + 1.0)))
            }
            #[must_use]
            pub fn relu(self) -> Self {
                kink_near_zero(self.dual, $near);
                let dual = if self.value > 0.0 { self.dual } else { HyperDual::from_re(0.0) };
                self.with(Real::relu(self.value), dual)
            }
            #[must_use]
            pub fn erf(self) -> Self {
                let x = self.dual;
                let slope = std::f64::consts::FRAC_2_SQRT_PI * (-x.re * x.re).exp();
                let both = slope * x.eps1eps2 - 2.0 * x.re * slope * x.eps1 * x.eps2;
                let dual = HyperDual::new(Real::erf(x.re), slope * x.eps1, slope * x.eps2, both);
                self.with(Real::erf(self.value), dual)
            }
            #[must_use]
            pub fn is_nan(self) -> bool {
                self.value.is_nan()
            }
            #[must_use]
            pub fn is_finite(self) -> bool {
                self.value.is_finite()
            }
            #[must_use]
            pub fn from_f64(value: f64) -> Self {
                Self::of(value as $float)
            }
            #[must_use]
            pub fn from_usize(value: usize) -> Self {
                Self::of(value as $float)
            }
            #[must_use]
            pub fn stop_gradient(self) -> Self {
                self.with(self.value, HyperDual::from_re(self.dual.re))
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, by: Self) -> Self {
                self.with(self.value + by.value, self.dual + by.dual)
            }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, by: Self) -> Self {
                self.with(self.value - by.value, self.dual - by.dual)
            }
        }
        impl Mul for $name {
            type Output = Self;
            fn mul(self, by: Self) -> Self {
                self.with(self.value * by.value, self.dual * by.dual)
            }
        }
        impl Div for $name {
            type Output = Self;
            fn div(self, by: Self) -> Self {
                self.with(self.value / by.value, self.dual / by.dual)
            }
        }
        impl Rem for $name {
            type Output = Self;
            fn rem(self, by: Self) -> Self {
                let quotient = self.dual / by.dual;
                kink_near_zero(quotient - quotient.re.round(), $near);
                self.with(self.value % by.value, self.dual - by.dual * quotient.re.trunc())
            }
        }
        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                self.with(-self.value, -self.dual)
            }
        }
        impl Neg for &$name {
            type Output = $name;
            fn neg(self) -> $name {
                -*self
            }
        }
        operators! { $name:
            Add add AddAssign add_assign,
            Sub sub SubAssign sub_assign,
            Mul mul MulAssign mul_assign,
            Div div DivAssign div_assign,
            Rem rem RemAssign rem_assign,
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.value == other.value
            }
        }
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.value.partial_cmp(&other.value)
            }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(Self::of(-0.0), |sum, x| sum + x)
            }
        }
        impl<'a> Sum<&'a $name> for $name {
            fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                iter.copied().sum()
            }
        }
        impl Product for $name {
            fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(Self::of(1.0), |product, x| product * x)
            }
        }
        impl<'a> Product<&'a $name> for $name {
            fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                iter.copied().product()
            }
        }
    };
}

number! {
    /// The oracle's `f64`.
    Number, f64, 1e-7
}
number! {
    /// The oracle's `f32`, whose derivatives are of twice the precision.
    Number32, f32, 1e-4
}
