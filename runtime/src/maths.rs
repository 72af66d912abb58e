//! A float whose maths is chosen by a type: where a target has an instruction for the square root, or its user a faster sine.

use core::cmp::Ordering;
use core::fmt::{self, Debug, Formatter};
use core::iter::{Product, Sum};
use core::marker::PhantomData;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use crate::real::Real;
use crate::scalar::{Number, Scalar};

/// Declares [`Maths`], whose functions are those of the number unless they are replaced.
macro_rules! maths {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $output:ty;)*) => {
        /// The functions behind a [`With`]: those of the number, but for the ones that an implementation replaces. The derivatives use them too.
        ///
        /// A replacement need not be exact, and its derivative stays that of the exact function.
        #[allow(missing_docs, reason = "the functions of `Real`, under its names")]
        pub trait Maths<T: Real>: 'static {
            $(
                #[inline]
                fn $name(x: T $(, $argument: $ty)*) -> $output {
                    x.$name($($argument),*)
                }
            )*
        }
    };
}

maths! {
    sqrt() -> T;
    cbrt() -> T;
    powi(n: i32) -> T;
    powf(p: T) -> T;
    exp() -> T;
    exp2() -> T;
    exp_m1() -> T;
    ln() -> T;
    log2() -> T;
    log10() -> T;
    ln_1p() -> T;
    sin() -> T;
    cos() -> T;
    tan() -> T;
    sin_cos() -> (T, T);
    asin() -> T;
    acos() -> T;
    atan() -> T;
    atan2(other: T) -> T;
    sinh() -> T;
    cosh() -> T;
    tanh() -> T;
    asinh() -> T;
    acosh() -> T;
    atanh() -> T;
    hypot(other: T) -> T;
    mul_add(factor: T, addend: T) -> T;
    sigmoid() -> T;
    softplus() -> T;
    erf() -> T;
}

/// A number with the maths of `M`: a [`Real`], so that generic functions and their derivatives run on it unchanged.
///
/// ```
/// use differentiable::prelude::*;
/// use differentiable::{Maths, With};
///
/// /// A sine that is right to 0.001, from Bhaskara's formula of the seventh century.
/// struct Fast;
///
/// impl Maths<f32> for Fast {
///     fn sin(x: f32) -> f32 {
///         let turn = x.rem_euclid(core::f32::consts::TAU);
///         let (half, sign) = if turn < core::f32::consts::PI { (turn, 1.0) } else { (turn - core::f32::consts::PI, -1.0) };
///         let product = half * (core::f32::consts::PI - half);
///         sign * 16.0 * product / (5.0 * core::f32::consts::PI.powi(2) - 4.0 * product)
///     }
/// }
///
/// #[differentiable]
/// fn height<T: Real>(angle: T) -> T {
///     1.0 - angle.cos()
/// }
///
/// let slope = height::grad(With::<f32, Fast>::new(0.5)).value(); // the derivative is the sine
/// assert_eq!(slope, Fast::sin(0.5));
/// assert!((slope - 0.5f32.sin()).abs() < 2e-3);
/// ```
#[repr(transparent)]
pub struct With<T, M> {
    value: T,
    maths: PhantomData<fn() -> M>,
}

impl<T, M> With<T, M> {
    /// The number.
    #[inline]
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self { value, maths: PhantomData }
    }
}

impl<T: Copy, M> With<T, M> {
    /// The number without the maths.
    #[inline]
    #[must_use]
    pub const fn value(self) -> T {
        self.value
    }
}

impl<T: Copy, M> Copy for With<T, M> {}

impl<T: Copy, M> Clone for With<T, M> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Debug, M> Debug for With<T, M> {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: PartialEq, M> PartialEq for With<T, M> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: PartialOrd, M> PartialOrd for With<T, M> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Number, M> Neg for With<T, M> {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self::new(-self.value)
    }
}

impl<T: Number, M> Neg for &With<T, M> {
    type Output = With<T, M>;

    #[inline]
    fn neg(self) -> With<T, M> {
        -*self
    }
}

/// An operator of two numbers, its compound form, and both with references.
macro_rules! operators {
    ($($bound:ident $trait:ident $method:ident $compound:ident $compound_method:ident;)*) => {$(
        impl<T: $bound, M> $trait for With<T, M> {
            type Output = Self;

            #[inline]
            fn $method(self, other: Self) -> Self {
                Self::new($trait::$method(self.value, other.value))
            }
        }

        impl<T: $bound, M> $trait<&Self> for With<T, M> {
            type Output = Self;

            #[inline]
            fn $method(self, other: &Self) -> Self {
                $trait::$method(self, *other)
            }
        }

        impl<T: $bound, M> $trait<With<T, M>> for &With<T, M> {
            type Output = With<T, M>;

            #[inline]
            fn $method(self, other: With<T, M>) -> With<T, M> {
                $trait::$method(*self, other)
            }
        }

        impl<T: $bound, M> $trait for &With<T, M> {
            type Output = With<T, M>;

            #[inline]
            fn $method(self, other: Self) -> With<T, M> {
                $trait::$method(*self, *other)
            }
        }

        impl<T: $bound, M> $compound for With<T, M> {
            #[inline]
            fn $compound_method(&mut self, other: Self) {
                $compound::$compound_method(&mut self.value, other.value);
            }
        }

        impl<T: $bound, M> $compound<&Self> for With<T, M> {
            #[inline]
            fn $compound_method(&mut self, other: &Self) {
                $compound::$compound_method(&mut self.value, other.value);
            }
        }
    )*};
}

operators! {
    Number Add add AddAssign add_assign;
    Number Sub sub SubAssign sub_assign;
    Number Mul mul MulAssign mul_assign;
    Number Div div DivAssign div_assign;
    Real Rem rem RemAssign rem_assign;
}

/// `sum` and `product`, of values and of references.
macro_rules! folds {
    ($($trait:ident $method:ident;)*) => {$(
        impl<T: Number, M> $trait for With<T, M> {
            #[inline]
            fn $method<I: Iterator<Item = Self>>(iter: I) -> Self {
                Self::new(iter.map(|x| x.value).$method())
            }
        }

        impl<'a, T: Number, M> $trait<&'a Self> for With<T, M> {
            #[inline]
            fn $method<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                Self::new(iter.map(|x| x.value).$method())
            }
        }
    )*};
}

folds! {
    Sum sum;
    Product product;
}

impl<T: Number, M: 'static> Number for With<T, M> {
    const ZERO: Self = Self::new(T::ZERO);
    const ONE: Self = Self::new(T::ONE);

    #[inline]
    fn from_f64(x: f64) -> Self {
        Self::new(T::from_f64(x))
    }

    #[inline]
    fn from_usize(x: usize) -> Self {
        Self::new(T::from_usize(x))
    }

    #[inline]
    fn to_f64(self) -> f64 {
        self.value.to_f64()
    }

    #[inline]
    fn is_finite(self) -> bool {
        self.value.is_finite()
    }

    #[inline]
    fn vanishes(self) -> bool {
        self.value.vanishes()
    }

    #[inline]
    fn stopped(self) -> Self {
        Self::new(self.value.stopped())
    }
}

impl<T: Number, M: 'static> Scalar for With<T, M> {}

/// Functions of [`Maths`].
macro_rules! chosen {
    ($($name:ident($($argument:ident),*);)*) => {$(
        #[inline]
        fn $name(self $(, $argument: Self)*) -> Self {
            Self::new(M::$name(self.value $(, $argument.value)*))
        }
    )*};
}

/// Functions of the number itself.
macro_rules! own {
    ($($name:ident($($argument:ident),*);)*) => {$(
        #[inline]
        fn $name(self $(, $argument: Self)*) -> Self {
            Self::new(self.value.$name($($argument.value),*))
        }
    )*};
}

macro_rules! questions {
    ($($name:ident)*) => {$(
        #[inline]
        fn $name(self) -> bool {
            self.value.$name()
        }
    )*};
}

impl<T: Real, M: Maths<T>> Real for With<T, M> {
    chosen! {
        sqrt(); cbrt(); powf(p); exp(); exp2(); exp_m1(); ln(); log2(); log10(); ln_1p(); sin(); cos(); tan(); asin(); acos(); atan();
        atan2(other); sinh(); cosh(); tanh(); asinh(); acosh(); atanh(); hypot(other); mul_add(factor, addend); sigmoid(); softplus(); erf();
    }

    own! {
        abs(); signum(); recip(); log(base); min(other); max(other); clamp(lo, hi); copysign(sign); floor(); ceil(); round(); trunc(); fract();
        rem_euclid(divisor); div_euclid(divisor); to_degrees(); to_radians(); relu();
    }

    questions!(is_nan is_infinite is_sign_negative is_sign_positive);

    #[inline]
    fn powi(self, n: i32) -> Self {
        Self::new(M::powi(self.value, n))
    }

    #[inline]
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = M::sin_cos(self.value);
        (Self::new(sin), Self::new(cos))
    }
}
