//! The arithmetic that a derivative needs.

use core::fmt::Debug;
use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::space::Differentiable;

/// `Imply<T, Is: Bound>` as a supertrait is a bound on `T` that users of the trait need not repeat. The bound is on the associated type of
/// a supertrait that is equal to `T`: on an associated type of its own the compiler would not see that equality.
#[doc(hidden)]
pub trait Imply<T>: Implied<T, Is = T> {}

#[doc(hidden)]
pub trait Implied<T> {
    /// `T` itself.
    type Is;
}

impl<S: ?Sized, T> Implied<T> for S {
    type Is = T;
}

impl<S: ?Sized, T> Imply<T> for S {}

/// What a [`Scalar`] can do, without the bounds on references to it: those cannot be implied for an associated type, which the scalar of a
/// parameter space is.
pub trait Number:
    Copy
    + 'static
    + PartialOrd
    + Debug
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + Sum
    + Product
    + for<'a> Add<&'a Self, Output = Self>
    + for<'a> Sub<&'a Self, Output = Self>
    + for<'a> Mul<&'a Self, Output = Self>
    + for<'a> Div<&'a Self, Output = Self>
    + for<'a> AddAssign<&'a Self>
    + for<'a> SubAssign<&'a Self>
    + for<'a> MulAssign<&'a Self>
    + for<'a> DivAssign<&'a Self>
    + for<'a> Sum<&'a Self>
    + for<'a> Product<&'a Self>
    + Differentiable<Scalar = Self>
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The nearest number.
    fn from_f64(x: f64) -> Self;
    /// The nearest number.
    fn from_usize(x: usize) -> Self;
    /// The nearest double, for messages.
    fn to_f64(self) -> f64;
    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Whether it is zero, and so is every derivative that it carries.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn vanishes(self) -> bool {
        self == Self::ZERO
    }
    /// The same number without a derivative, where it carries one.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn stopped(self) -> Self {
        self
    }
}

/// A number with the four operations: what losses of additions, multiplications and divisions can be written over.
///
/// Generic code may use the operators between `T` and `&T` on either side, the compound forms, and `sum` and `product` of
/// values and references, without further bounds.
///
/// ```
/// use differentiable::Scalar;
///
/// fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
///     a.iter().zip(b).map(|(a, b)| a * b).sum()
/// }
/// assert_eq!(dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
/// ```
pub trait Scalar:
    Number
    + for<'a> Imply<
        &'a Self,
        Is: Neg<Output = Self>
                + Add<Self, Output = Self>
                + Sub<Self, Output = Self>
                + Mul<Self, Output = Self>
                + Div<Self, Output = Self>
                + Add<&'a Self, Output = Self>
                + Sub<&'a Self, Output = Self>
                + Mul<&'a Self, Output = Self>
                + Div<&'a Self, Output = Self>,
    >
{
}

macro_rules! scalar {
    ($($float:ident)*) => {$(
        impl Scalar for $float {}

        impl Number for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline]
            fn from_f64(x: f64) -> Self {
                x as $float
            }

            #[inline]
            fn from_usize(x: usize) -> Self {
                x as $float
            }

            #[inline]
            fn to_f64(self) -> f64 {
                self.into()
            }

            #[inline]
            fn is_finite(self) -> bool {
                $float::is_finite(self)
            }
        }
    )*};
}

scalar!(f32 f64);
