//! The maths functions of many numbers at a time, for `relaxed`.
//!
//! Each is a loop over a function without branches, which the back end makes into vector instructions of the target's own width. Numbers go by blocks of
//! 64: where all of a block are of a range that nearly all numbers are from, a shorter function gives the same bits. Results are
//! within 2 units in the last place of the true ones over the whole range (the worst that were found: 1.4), infinities, NaN, zeros of both
//! signs and subnormal numbers included, and the same bits on every machine. Derivatives of `tanh` and `sigmoid` that are computed beside them, of the same
//! exponential, are within 5 units (the worst that were found: 4.0).
//!
//! Measured against the standard library's functions one by one, on an x86-64 with AVX-512, blocks of 64, time per number:
//!
//! | | `f64`, 256 bits wide | `f64`, default target |
//! | --- | --- | --- |
//! | `exp` | 0.32 | 0.56 |
//! | `exp_m1` | 0.28 | 0.58 |
//! | `ln` | 0.42 | 0.88 |
//! | `ln_1p` | 0.35 | 0.74 |
//! | `tanh` | 0.29 | 0.59 |
//! | `sigmoid` | 0.52 | 1.04 |
//! | `softplus` | 0.45 | 0.89 |
//! | `sin`, `cos` | 0.38 | 0.8 |
//!
//! So where the standard library is there and registers hold two doubles only, the sigmoids of doubles go through its functions.

#[cfg(any(feature = "std", feature = "libm"))]
mod format;
#[cfg(any(feature = "std", feature = "libm"))]
mod lane;

use crate::partial;
use crate::real::Real;

#[cfg(any(feature = "std", feature = "libm"))]
use format::Format;

/// A function that is there for many numbers at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Function {
    /// eˣ.
    Exp,
    /// eˣ − 1.
    ExpM1,
    /// The natural logarithm.
    Ln,
    /// ln(1 + x).
    Ln1p,
    /// The sine.
    Sin,
    /// The cosine.
    Cos,
    /// The square root.
    Sqrt,
    /// The hyperbolic tangent.
    Tanh,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// ln(1 + eˣ).
    Softplus,
}

impl Function {
    /// The function of one number.
    #[inline(always)]
    pub(crate) fn of<T: Real>(self, x: T) -> T {
        match self {
            Self::Exp => x.exp(),
            Self::ExpM1 => x.exp_m1(),
            Self::Ln => x.ln(),
            Self::Ln1p => x.ln_1p(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Sqrt => x.sqrt(),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => x.sigmoid(),
            Self::Softplus => x.softplus(),
        }
    }
}

/// A function that is there together with its derivative, which shares an exponential with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sloped {
    /// The hyperbolic tangent.
    Tanh,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
}

impl Sloped {
    /// The function of one number, and its derivative.
    #[inline(always)]
    pub(crate) fn of<T: Real>(self, x: T) -> (T, T) {
        match self {
            Self::Tanh => {
                let value = x.tanh();
                (value, partial::tanh(x, value))
            }
            Self::Sigmoid => {
                let value = x.sigmoid();
                (value, partial::sigmoid(x, value))
            }
        }
    }

    #[cfg(any(feature = "std", feature = "libm"))]
    pub(crate) const fn function(self) -> Function {
        match self {
            Self::Tanh => Function::Tanh,
            Self::Sigmoid => Function::Sigmoid,
        }
    }
}

macro_rules! functions {
    ($($name:ident $function:ident: $what:literal;)*) => {$(
        #[doc = concat!($what, ", of each number, in its place.")]
        #[inline]
        pub fn $name<T: Real>(x: &mut [T]) {
            T::each(Function::$function, x);
        }
    )*};
}

functions! {
    exp Exp: "eˣ";
    exp_m1 ExpM1: "eˣ − 1";
    ln Ln: "The natural logarithm";
    ln_1p Ln1p: "ln(1 + x)";
    sin Sin: "The sine";
    cos Cos: "The cosine";
    sqrt Sqrt: "The square root";
    tanh Tanh: "The hyperbolic tangent";
    sigmoid Sigmoid: "1/(1 + e⁻ˣ)";
    softplus Softplus: "ln(1 + eˣ)";
}

/// The hyperbolic tangent of each number, in its place, and its derivative.
#[inline]
pub fn tanh_with_slope<T: Real>(x: &mut [T], slopes: &mut [T]) {
    T::each_with_slope(Sloped::Tanh, x, slopes);
}

/// 1/(1 + e⁻ˣ) of each number, in its place, and its derivative.
#[inline]
pub fn sigmoid_with_slope<T: Real>(x: &mut [T], slopes: &mut [T]) {
    T::each_with_slope(Sloped::Sigmoid, x, slopes);
}

/// Whether floats gain by going through [`each`], and not one by one through the standard library.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline(always)]
pub(crate) const fn gains<T>(function: Function) -> bool {
    let wide = cfg!(any(not(feature = "std"), not(target_arch = "x86_64"), target_feature = "avx2"));
    wide || size_of::<T>() < 8 || !matches!(function, Function::Sigmoid)
}

/// A function of each number of a slice of floats.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline]
pub fn each<T: Format + Real>(function: Function, x: &mut [T]) {
    let is_moderate = |x: T| x.magnitude() <= T::EXP_NORMAL;
    match function {
        Function::Sqrt => map(x, T::sqrt),
        Function::Tanh => map(x, lane::tanh),
        Function::Exp => in_blocks(x, is_moderate, lane::exp_near, lane::exp),
        Function::ExpM1 => in_blocks(x, is_moderate, lane::exp_m1_near, lane::exp_m1),
        Function::Sigmoid => in_blocks(x, is_moderate, lane::sigmoid_near, lane::sigmoid),
        Function::Softplus => in_blocks(x, is_moderate, lane::softplus_near, lane::softplus),
        Function::Ln => in_blocks(x, |x| (x >= T::LEAST_NORMAL) & (x < T::INFINITY), lane::ln_near, lane::ln),
        Function::Ln1p => in_blocks(x, |x| (x > -T::ONE) & (x < T::INFINITY), lane::ln_1p_near, lane::ln_1p),
        Function::Sin => circular(x, lane::sin, T::sin),
        Function::Cos => circular(x, lane::cos, T::cos),
    }
}

/// A function of each number of a slice of floats, and its derivative.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline]
pub fn each_with_slope<T: Format + Real>(function: Sloped, x: &mut [T], slopes: &mut [T]) {
    match function {
        Sloped::Tanh => {
            let is_near = |x: T| x.magnitude() + x.magnitude() <= T::EXP_M1_LIMIT;
            in_blocks_of_two(x, slopes, is_near, lane::tanh_with_slope_near, lane::tanh_with_slope);
        }
        Sloped::Sigmoid => {
            let is_near = |x: T| x.magnitude() <= T::EXP_NORMAL;
            in_blocks_of_two(x, slopes, is_near, lane::sigmoid_with_slope_near, lane::sigmoid_with_slope);
        }
    }
}

/// Sines or cosines: numbers so large that the parts of π do not suffice go through the function of one number.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline]
fn circular<T: Format>(x: &mut [T], lane: impl Fn(T) -> T, one: impl Fn(T) -> T) {
    let is_near = |x: T| x.magnitude() < T::CIRCULAR_LIMIT;
    in_blocks(x, is_near, &lane, |x| if is_near(x) { lane(x) } else { one(x) });
}

/// A function of each number, block by block: of a range that is near where all numbers of a block are, else of any.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline]
fn in_blocks<T: Copy>(x: &mut [T], is_near: impl Fn(T) -> bool, near: impl Fn(T) -> T, any: impl Fn(T) -> T) {
    for block in x.chunks_mut(64) {
        if block.iter().fold(true, |all, x| all & is_near(*x)) {
            // a multiple of what a register holds, which leaves nothing over
            let (fours, rest) = block.as_chunks_mut::<4>();
            map(fours.as_flattened_mut(), &near);
            map(rest, &near);
        } else {
            map_any(block, &any);
        }
    }
}

/// The same of a function that gives two numbers.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline]
fn in_blocks_of_two<T: Copy>(
    x: &mut [T],
    second: &mut [T],
    is_near: impl Fn(T) -> bool,
    near: impl Fn(T) -> (T, T),
    any: impl Fn(T) -> (T, T),
) {
    for (block, second) in x.chunks_mut(64).zip(second.chunks_mut(64)) {
        if block.iter().fold(true, |all, x| all & is_near(*x)) {
            let ((fours, rest), (seconds, last)) = (block.as_chunks_mut::<4>(), second.as_chunks_mut::<4>());
            map_to_two(fours.as_flattened_mut(), seconds.as_flattened_mut(), &near);
            map_to_two(rest, last, &near);
        } else {
            map_any_to_two(block, second, &any);
        }
    }
}

/// A function of each number.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline(always)]
fn map<T: Copy>(x: &mut [T], function: impl Fn(T) -> T) {
    for x in x {
        *x = function(*x);
    }
}

/// The same for numbers that are seldom there, apart from the code for all others.
#[cfg(any(feature = "std", feature = "libm"))]
#[cold]
#[inline(never)]
fn map_any<T: Copy>(x: &mut [T], function: impl Fn(T) -> T) {
    map(x, function);
}

/// A function of each number that gives two.
#[cfg(any(feature = "std", feature = "libm"))]
#[inline(always)]
fn map_to_two<T: Copy>(x: &mut [T], second: &mut [T], function: impl Fn(T) -> (T, T)) {
    for (x, second) in x.iter_mut().zip(second) {
        (*x, *second) = function(*x);
    }
}

/// The same for numbers that are seldom there, apart from the code for all others.
#[cfg(any(feature = "std", feature = "libm"))]
#[cold]
#[inline(never)]
fn map_any_to_two<T: Copy>(x: &mut [T], second: &mut [T], function: impl Fn(T) -> (T, T)) {
    map_to_two(x, second, function);
}
