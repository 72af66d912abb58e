//! The mathematical functions of a scalar.
//!
//! With the feature `std` they are the standard library's; without it, and with `libm`, that crate's. To replace the maths behind
//! them for a target, see [`With`](crate::With).

use core::ops::{Rem, RemAssign};

#[cfg(any(feature = "std", feature = "libm"))]
use crate::rt::vector;
use crate::rt::vector::{Function, Sloped};
use crate::scalar::{Imply, Scalar};

/// A real number with the functions of the standard library's floats, and a few of its own.
///
/// Names and meanings are those of [`f64`]; without an entry here they are documented there.
#[allow(missing_docs, reason = "the methods of `f64`, under its names")]
pub trait Real:
    Scalar
    + Rem<Output = Self>
    + RemAssign
    + for<'a> Rem<&'a Self, Output = Self>
    + for<'a> Imply<&'a Self, Is: Rem<Self, Output = Self> + Rem<&'a Self, Output = Self>>
{
    fn abs(self) -> Self;
    /// The number with a zero of no sign, for one that is not negative: derivatives go through it at zero as well.
    #[doc(hidden)]
    #[inline]
    fn without_sign(self) -> Self {
        self.abs()
    }
    fn signum(self) -> Self;
    fn recip(self) -> Self;
    fn sqrt(self) -> Self;
    fn cbrt(self) -> Self;
    fn powi(self, n: i32) -> Self;
    fn powf(self, p: Self) -> Self;
    fn exp(self) -> Self;
    fn exp2(self) -> Self;
    fn exp_m1(self) -> Self;
    fn ln(self) -> Self;
    fn log(self, base: Self) -> Self;
    fn log2(self) -> Self;
    fn log10(self) -> Self;
    fn ln_1p(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tan(self) -> Self;
    fn sin_cos(self) -> (Self, Self);
    fn asin(self) -> Self;
    fn acos(self) -> Self;
    fn atan(self) -> Self;
    fn atan2(self, other: Self) -> Self;
    fn sinh(self) -> Self;
    fn cosh(self) -> Self;
    fn tanh(self) -> Self;
    fn asinh(self) -> Self;
    fn acosh(self) -> Self;
    fn atanh(self) -> Self;
    fn hypot(self, other: Self) -> Self;
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    fn min(self, other: Self) -> Self;
    fn max(self, other: Self) -> Self;
    fn clamp(self, lo: Self, hi: Self) -> Self;
    fn copysign(self, sign: Self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn round(self) -> Self;
    fn trunc(self) -> Self;
    fn fract(self) -> Self;
    fn rem_euclid(self, divisor: Self) -> Self;
    fn div_euclid(self, divisor: Self) -> Self;
    fn to_degrees(self) -> Self;
    fn to_radians(self) -> Self;
    fn is_nan(self) -> bool;
    fn is_infinite(self) -> bool;
    fn is_sign_negative(self) -> bool;
    fn is_sign_positive(self) -> bool;
    /// 1 / (1 + e⁻ˣ), without overflow.
    fn sigmoid(self) -> Self;
    /// ln(1 + eˣ), without overflow.
    fn softplus(self) -> Self;
    /// The larger of `x` and 0; NaN for NaN.
    fn relu(self) -> Self;
    /// The error function 2/√π ∫₀ˣ e^(−t²) dt.
    fn erf(self) -> Self;

    /// A function of each number of a slice.
    #[doc(hidden)]
    #[inline]
    fn each(function: Function, x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = function.of(*x));
    }

    /// The same with the derivative of each.
    #[doc(hidden)]
    #[inline]
    fn each_with_slope(function: Sloped, x: &mut [Self], slopes: &mut [Self]) {
        x.iter_mut().zip(slopes).for_each(|(x, slope)| (*x, *slope) = function.of(*x));
    }
}

/// What both instances compute the same way from the other functions.
#[cfg(any(feature = "std", feature = "libm"))]
macro_rules! composed {
    ($float:ident) => {
        #[inline]
        fn each(function: Function, x: &mut [Self]) {
            if vector::gains::<Self>(function) {
                vector::each(function, x);
            } else {
                x.iter_mut().for_each(|x| *x = function.of(*x));
            }
        }

        #[inline]
        fn each_with_slope(function: Sloped, x: &mut [Self], slopes: &mut [Self]) {
            if vector::gains::<Self>(function.function()) {
                vector::each_with_slope(function, x, slopes);
            } else {
                x.iter_mut().zip(slopes).for_each(|(x, slope)| (*x, *slope) = function.of(*x));
            }
        }

        #[inline]
        fn recip(self) -> Self {
            1.0 / self
        }

        #[inline]
        fn sigmoid(self) -> Self {
            let e = Real::exp(-Real::abs(self));
            (if self >= 0.0 { 1.0 } else { e }) / (1.0 + e)
        }

        #[inline]
        fn softplus(self) -> Self {
            Real::relu(self) + Real::ln_1p(Real::exp(-Real::abs(self)))
        }

        #[inline]
        fn relu(self) -> Self {
            if self < 0.0 { 0.0 } else { self }
        }

        #[inline]
        fn min(self, other: Self) -> Self {
            $float::min(self, other)
        }

        #[inline]
        fn max(self, other: Self) -> Self {
            $float::max(self, other)
        }

        #[inline]
        fn clamp(self, lo: Self, hi: Self) -> Self {
            $float::clamp(self, lo, hi)
        }

        #[inline]
        fn to_degrees(self) -> Self {
            $float::to_degrees(self)
        }

        #[inline]
        fn to_radians(self) -> Self {
            $float::to_radians(self)
        }

        #[inline]
        fn is_nan(self) -> bool {
            $float::is_nan(self)
        }

        #[inline]
        fn is_infinite(self) -> bool {
            $float::is_infinite(self)
        }

        #[inline]
        fn is_sign_negative(self) -> bool {
            $float::is_sign_negative(self)
        }

        #[inline]
        fn is_sign_positive(self) -> bool {
            $float::is_sign_positive(self)
        }
    };
}

#[cfg(feature = "std")]
macro_rules! with_std {
    ($float:ident, $erf:path; $($name:ident($($argument:ident: $ty:ty),*);)*) => {
        impl Real for $float {
            composed!($float);

            #[inline]
            fn sin_cos(self) -> (Self, Self) {
                $float::sin_cos(self)
            }

            #[inline]
            fn erf(self) -> Self {
                $erf(self)
            }

            $(
                #[inline]
                fn $name(self $(, $argument: $ty)*) -> Self {
                    $float::$name(self $(, $argument)*)
                }
            )*
        }
    };
    ($float:ident, $erf:path) => {
        with_std! {
            $float, $erf;
            abs(); signum(); sqrt(); cbrt(); powi(n: i32); powf(p: $float); exp(); exp2(); exp_m1(); ln(); log(base: $float);
            log2(); log10(); ln_1p(); sin(); cos(); tan(); asin(); acos(); atan(); atan2(other: $float); sinh(); cosh(); tanh();
            asinh(); acosh(); atanh(); hypot(other: $float); mul_add(factor: $float, addend: $float); copysign(sign: $float);
            floor(); ceil(); round(); trunc(); fract(); rem_euclid(divisor: $float); div_euclid(divisor: $float);
        }
    };
}

#[cfg(feature = "std")]
with_std!(f32, libm::erff);
#[cfg(feature = "std")]
with_std!(f64, libm::erf);

#[cfg(all(feature = "libm", not(feature = "std")))]
macro_rules! with_libm {
    ($float:ident; $($name:ident: $function:ident($($argument:ident),*);)*) => {
        impl Real for $float {
            composed!($float);

            $(
                #[inline]
                fn $name(self $(, $argument: $float)*) -> Self {
                    libm::$function(self $(, $argument)*)
                }
            )*

            #[inline]
            fn signum(self) -> Self {
                if self.is_nan() { self } else { Real::copysign(1.0, self) }
            }

            #[inline]
            fn powi(self, n: i32) -> Self {
                powi(self, n)
            }

            #[inline]
            fn log(self, base: Self) -> Self {
                Real::ln(self) / Real::ln(base)
            }

            #[inline]
            fn sin_cos(self) -> (Self, Self) {
                (Real::sin(self), Real::cos(self))
            }

            #[inline]
            fn fract(self) -> Self {
                self - Real::trunc(self)
            }

            #[inline]
            fn rem_euclid(self, divisor: Self) -> Self {
                let remainder = self % divisor;
                if remainder < 0.0 { remainder + Real::abs(divisor) } else { remainder }
            }

            #[inline]
            fn div_euclid(self, divisor: Self) -> Self {
                let quotient = Real::trunc(self / divisor);
                if self % divisor < 0.0 {
                    return if divisor > 0.0 { quotient - 1.0 } else { quotient + 1.0 };
                }
                quotient
            }
        }
    };
}

/// A power by repeated squaring.
#[cfg(all(feature = "libm", not(feature = "std")))]
#[inline]
fn powi<T: Real>(x: T, n: i32) -> T {
    let (mut base, mut rest, mut power) = (x, n.unsigned_abs(), T::ONE);
    while rest > 0 {
        if rest % 2 == 1 {
            power *= base;
        }
        base *= base;
        rest /= 2;
    }
    if n < 0 { power.recip() } else { power }
}

#[cfg(all(feature = "libm", not(feature = "std")))]
with_libm! {
    f64;
    abs: fabs(); sqrt: sqrt(); cbrt: cbrt(); powf: pow(p); exp: exp(); exp2: exp2(); exp_m1: expm1(); ln: log(); log2: log2();
    log10: log10(); ln_1p: log1p(); sin: sin(); cos: cos(); tan: tan(); asin: asin(); acos: acos(); atan: atan();
    atan2: atan2(other); sinh: sinh(); cosh: cosh(); tanh: tanh(); asinh: asinh(); acosh: acosh(); atanh: atanh();
    hypot: hypot(other); mul_add: fma(factor, addend); copysign: copysign(sign); floor: floor(); ceil: ceil(); round: round();
    trunc: trunc(); erf: erf();
}

#[cfg(all(feature = "libm", not(feature = "std")))]
with_libm! {
    f32;
    abs: fabsf(); sqrt: sqrtf(); cbrt: cbrtf(); powf: powf(p); exp: expf(); exp2: exp2f(); exp_m1: expm1f(); ln: logf();
    log2: log2f(); log10: log10f(); ln_1p: log1pf(); sin: sinf(); cos: cosf(); tan: tanf(); asin: asinf(); acos: acosf();
    atan: atanf(); atan2: atan2f(other); sinh: sinhf(); cosh: coshf(); tanh: tanhf(); asinh: asinhf(); acosh: acoshf();
    atanh: atanhf(); hypot: hypotf(other); mul_add: fmaf(factor, addend); copysign: copysignf(sign); floor: floorf();
    ceil: ceilf(); round: roundf(); trunc: truncf(); erf: erff();
}
