//! Fixed-point numbers of the crate [`fixed`](https://docs.rs/fixed) as scalars, for losses of additions, multiplications and divisions on targets without floats.
//!
//! What happens where a result does not fit is the type's choice: `Saturating<I16F16>` stays at the end of its range, `Strict<I16F16>` panics,
//! `Wrapping<I16F16>` wraps, and the bare `I16F16` does one of the latter two as integers do. Division by zero panics in all of them. A constant is the
//! nearest number in range; NaN has none, and panics.
//!
//! ```
//! use differentiable::{Scalar, prelude::*};
//! use fixed::{Saturating, types::I16F16};
//!
//! #[differentiable(wrt(w, b))]
//! fn loss<T: Scalar>(w: T, b: T, sample: &(T, T)) -> T {
//!     let error = w * sample.0 + b - sample.1;
//!     0.5 * error * error
//! }
//!
//! let number = |x: f64| Saturating(I16F16::from_num(x));
//! let (value, (d_w, d_b)) = loss::value_and_grad(number(2.0), number(1.0), &(number(3.0), number(6.5)));
//! assert_eq!((value, d_w, d_b), (number(0.125), number(1.5), number(0.5)));
//! ```

use fixed::traits::FixedSigned;
use fixed::types::extra::{LeEqU8, LeEqU16, LeEqU32, LeEqU64, LeEqU128};
use fixed::{FixedI8, FixedI16, FixedI32, FixedI64, FixedI128, Saturating, Strict, Wrapping};

use crate::scalar::{Number, Scalar};
use crate::space::{Differentiable, numbers};

/// One, where it is in range.
const fn one<F: FixedSigned>() -> F {
    match F::TRY_ONE {
        Some(one) => one,
        None => panic!("the type has no bit for 1"),
    }
}

macro_rules! bare {
    ($($fixed:ident $bound:ident;)*) => {
        numbers! { $([Frac: $bound] $fixed<Frac>;)* }

        $(
            impl<Frac: $bound> Scalar for $fixed<Frac> {}

            impl<Frac: $bound> Number for $fixed<Frac> {
                const ZERO: Self = Self::ZERO;
                const ONE: Self = one();

                #[inline]
                fn from_f64(x: f64) -> Self {
                    Self::saturating_from_num(x)
                }

                #[inline]
                fn from_usize(x: usize) -> Self {
                    Self::saturating_from_num(x)
                }

                #[inline]
                fn to_f64(self) -> f64 {
                    self.to_num()
                }

                #[inline]
                fn is_finite(self) -> bool {
                    true
                }
            }
        )*
    };
}

bare! {
    FixedI8 LeEqU8;
    FixedI16 LeEqU16;
    FixedI32 LeEqU32;
    FixedI64 LeEqU64;
    FixedI128 LeEqU128;
}

macro_rules! wrapped {
    ($($wrapper:ident)*) => {
        numbers! { $([F: FixedSigned] $wrapper<F>;)* }

        $(
            impl<F: FixedSigned> Scalar for $wrapper<F> {}

            impl<F: FixedSigned> Number for $wrapper<F> {
                const ZERO: Self = $wrapper(F::ZERO);
                const ONE: Self = $wrapper(one());

                #[inline]
                fn from_f64(x: f64) -> Self {
                    $wrapper(F::saturating_from_num(x))
                }

                #[inline]
                fn from_usize(x: usize) -> Self {
                    $wrapper(F::saturating_from_num(x))
                }

                #[inline]
                fn to_f64(self) -> f64 {
                    self.0.to_num()
                }

                #[inline]
                fn is_finite(self) -> bool {
                    true
                }
            }
        )*
    };
}

wrapped!(Saturating Strict Wrapping);
