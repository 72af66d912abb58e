//! Partial derivatives that are more than one arithmetic expression: kinks, domains, and forms that neither overflow on the way
//! nor cancel.
//!
//! Where the derivative does not exist, it is the subgradient of smallest norm over the active operands, else the limit.

use crate::real::Real;
use crate::scalar::{Number, Scalar};

/// NaN that depends on a number, so that its own derivatives are NaN as well.
#[inline]
fn nan<T: Number>(x: T) -> T {
    x * T::from_f64(f64::NAN)
}

#[inline]
fn is_nan<T: Number>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}

/// The sign of x, 0 at 0: the derivative of `abs`.
#[inline]
pub fn sign<T: Number>(x: T) -> T {
    if x > T::ZERO {
        T::ONE
    } else if x < T::ZERO {
        -T::ONE
    } else {
        x * T::ZERO // 0, or NaN
    }
}

/// 1 above 0, else 0: the derivative of `relu`.
#[inline]
pub fn step<T: Number>(x: T) -> T {
    if x > T::ZERO {
        T::ONE
    } else if x <= T::ZERO {
        T::ZERO
    } else {
        nan(x)
    }
}

/// What of the cotangent of an extremum goes to the operand that won where `wins`, with `tie` where both are equal.
#[inline]
fn weight<T: Number>(wins: bool, equal: bool, x: T, y: T, tie: T) -> T {
    if equal {
        tie
    } else if is_nan(x) {
        if is_nan(y) { x } else { T::ZERO }
    } else if wins || is_nan(y) {
        T::ONE
    } else {
        T::ZERO
    }
}

/// ∂max(x, y)/∂x where both are active: one half where they are equal.
#[inline]
pub fn max_weight<T: Number>(x: T, y: T) -> T {
    weight(x > y, x == y, x, y, T::ONE / (T::ONE + T::ONE))
}

/// ∂max(x, y)/∂x where x alone is active: 0 where they are equal.
#[inline]
pub fn max_weight_alone<T: Number>(x: T, y: T) -> T {
    weight(x > y, x == y, x, y, T::ZERO)
}

/// ∂min(x, y)/∂x where both are active: one half where they are equal.
#[inline]
pub fn min_weight<T: Number>(x: T, y: T) -> T {
    weight(x < y, x == y, x, y, T::ONE / (T::ONE + T::ONE))
}

/// ∂min(x, y)/∂x where x alone is active: 0 where they are equal.
#[inline]
pub fn min_weight_alone<T: Number>(x: T, y: T) -> T {
    weight(x < y, x == y, x, y, T::ZERO)
}

/// ∂clamp(x, lo, hi)/∂x: 1 strictly inside; NaN for NaN.
#[inline]
pub fn clamp_x<T: Number>(x: T, lo: T, hi: T) -> T {
    if is_nan(x) {
        nan(x)
    } else if x > lo && x < hi {
        T::ONE
    } else {
        T::ZERO
    }
}

/// ∂clamp(x, lo, hi)/∂lo: 1 on the bound and below.
#[inline]
pub fn clamp_lo<T: Number>(x: T, lo: T, hi: T) -> T {
    if x <= lo || (lo == hi && !is_nan(x)) { T::ONE } else { T::ZERO }
}

/// ∂clamp(x, lo, hi)/∂hi: 1 on the bound and above.
#[inline]
pub fn clamp_hi<T: Number>(x: T, lo: T, hi: T) -> T {
    if x >= hi && lo != hi { T::ONE } else { T::ZERO }
}

/// 1/x for x ≥ 0, +∞ at both zeros, NaN below: the derivative of `ln`.
#[inline]
pub fn inverse<T: Real>(x: T) -> T {
    over(T::ONE, x)
}

/// 1/(1 + x) for x ≥ −1.
#[inline]
pub fn ln_1p<T: Real>(x: T) -> T {
    inverse(T::ONE + x)
}

/// 1/(x ln 2).
#[inline]
pub fn log2<T: Real>(x: T) -> T {
    over(T::from_f64(core::f64::consts::LOG2_E), x)
}

/// 1/(x ln 10).
#[inline]
pub fn log10<T: Real>(x: T) -> T {
    over(T::from_f64(core::f64::consts::LOG10_E), x)
}

/// c/x for x ≥ 0, of c's sign infinite at both zeros, NaN below.
#[inline]
fn over<T: Real>(c: T, x: T) -> T {
    if x >= T::ZERO { c / x.without_sign() } else { nan(x) }
}

/// x·ln 2.
#[inline]
pub fn times_ln_2<T: Number>(x: T) -> T {
    x * T::from_f64(core::f64::consts::LN_2)
}

/// x·ln 10.
#[inline]
pub fn times_ln_10<T: Number>(x: T) -> T {
    x * T::from_f64(core::f64::consts::LN_10)
}

/// 2ˣ ln 2, given 2ˣ, which may be infinite where this is not.
#[inline]
pub fn exp2<T: Real>(x: T, value: T) -> T {
    if value.is_infinite() { times_ln_2((x - T::ONE).exp2()) * T::from_f64(2.0) } else { times_ln_2(value) }
}

/// ∂log(x, base)/∂x = 1/(x ln base).
#[inline]
pub fn log_x<T: Real>(x: T, base: T) -> T {
    over(T::ONE / base.ln(), x)
}

/// ∂log(x, base)/∂base = −log(x, base)/(base ln base).
#[inline]
pub fn log_base<T: Real>(_x: T, base: T, value: T) -> T {
    -over(value / base.ln(), base)
}

/// 1/(2√x), given √x; +∞ at both zeros.
#[inline]
pub fn sqrt<T: Real>(value: T) -> T {
    T::from_f64(0.5) / value.without_sign()
}

/// 1/(3 x^(2/3)), given the root; +∞ at both zeros.
#[inline]
pub fn cbrt<T: Real>(value: T) -> T {
    // the square of a number that moves infinitely fast would be 0 · ∞
    if value == T::ZERO { value.recip().abs() } else { T::ONE / (T::from_f64(3.0) * (value * value)) }
}

/// g·p, but 0 where g is zero and p infinite: nothing flows through a root at 0 that nothing depends on.
#[inline]
pub fn guarded<T: Real>(g: T, p: T) -> T {
    if g.vanishes() && p.is_infinite() { g } else { g * p }
}

/// What [`guarded`] gives where the partial derivative moves by `g`: `g`·t, but 0 where `t` is zero and `p` infinite.
#[inline]
pub fn guarded_second<T: Real>(g: T, t: T, p: T) -> T {
    if t.vanishes() && p.is_infinite() { t } else { g * t }
}

/// eˣ, given eˣ − 1.
#[inline]
pub fn exp_m1<T: Real>(x: T, value: T) -> T {
    if value > T::from_f64(-0.5) { value + T::ONE } else { x.exp() }
}

/// 1/√(1 − x²): the derivative of `asin`, and of `acos` but for the sign.
#[inline]
pub fn asin<T: Real>(x: T) -> T {
    T::ONE / ((T::ONE - x) * (T::ONE + x)).sqrt()
}

/// 1/√(x² − 1) for x ≥ 1.
#[inline]
pub fn acosh<T: Real>(x: T) -> T {
    T::ONE / ((x - T::ONE).sqrt() * (x + T::ONE).sqrt())
}

/// 1/√(x² + 1).
#[inline]
pub fn asinh<T: Real>(x: T) -> T {
    T::ONE / x.hypot(T::ONE)
}

/// 1/(1 + x²).
#[inline]
pub fn atan<T: Real>(x: T) -> T {
    if x.abs() > T::ONE {
        let r = T::ONE / x;
        let square = r * r;
        square / (T::ONE + square)
    } else {
        T::ONE / (T::ONE + x * x)
    }
}

/// 1/(1 − x²) for |x| ≤ 1.
#[inline]
pub fn atanh<T: Real>(x: T) -> T {
    inverse((T::ONE - x) * (T::ONE + x))
}

/// x/h: the derivative of `hypot(x, other)` with the value h; 0 at the origin.
#[inline]
pub fn hypot<T: Real>(x: T, other: T, h: T) -> T {
    if h == T::ZERO {
        T::ZERO
    } else if is_moderate(h) {
        x / h
    } else {
        let scale = to_middle(h);
        let (x, other) = (x * scale, other * scale);
        x / x.hypot(other)
    }
}

/// g/h for the derivatives of the quotient x/h in [`hypot`]; 0 at the origin, where that is 0 whatever comes.
#[inline]
pub fn hypot_second<T: Real>(g: T, h: T) -> T {
    if h == T::ZERO { T::ZERO } else { g / h }
}

/// x/(x² + other²): the derivatives of `atan2` but for the sign; 0 at the origin.
#[inline]
pub fn atan2<T: Real>(x: T, other: T) -> T {
    let square = x * x + other * other;
    if is_moderate_square(square) { x / square } else { atan2_at_an_end(x, other) }
}

/// The same where the square has overflown or is short of digits.
#[cold]
fn atan2_at_an_end<T: Real>(x: T, other: T) -> T {
    let largest = x.abs().max(other.abs());
    if is_nan(x) || is_nan(other) {
        nan(x * other)
    } else if largest == T::ZERO || largest.is_infinite() {
        T::ZERO
    } else {
        let (x, other) = (x / largest, other / largest);
        (x / (x * x + other * other)) / largest
    }
}

/// Whether a distance is far from both ends of the range, where it may be infinite or short of digits though the quotients are not.
#[inline]
fn is_moderate<T: Real>(h: T) -> bool {
    is_moderate_square(h * h)
}

/// The same of the square of a distance.
#[inline]
fn is_moderate_square<T: Real>(square: T) -> bool {
    square > T::from_f64(1e-30) && !square.is_infinite()
}

/// A power of two that brings such a distance away from the end.
#[inline]
fn to_middle<T: Real>(h: T) -> T {
    if h > T::ONE { T::from_f64(0.125) } else { T::from_f64(18_446_744_073_709_551_616.0) }
}

/// p·x^(p−1): the derivative of a power by its base, given the power. By the power, as `p − 1` may be rounded.
#[inline]
pub fn powf_x<T: Real>(x: T, p: T, value: T) -> T {
    if p == T::ZERO && !is_nan(x) {
        T::ZERO
    } else if x == T::ZERO {
        // the limit from above, whatever the sign of the zero
        p * x.without_sign().powf(p - T::ONE)
    } else if has_digits(value) && !x.is_infinite() {
        p * (value / x)
    } else {
        p * x.powf(p - T::ONE)
    }
}

/// x^p ln x: the derivative of a power by its exponent. At x = 0 it is 0 for p ≥ 0, NaN below.
#[inline]
pub fn powf_p<T: Real>(x: T, p: T, value: T) -> T {
    if x == T::ZERO {
        if p >= T::ZERO { T::ZERO } else { nan(x * p) }
    } else if x < T::ZERO {
        nan(x * p)
    } else if has_digits(value) || x.is_infinite() {
        value * x.ln()
    } else {
        let root = x.powf(p * T::from_f64(0.5));
        (root * x.ln()) * root
    }
}

/// p(p−1)·x^(p−2): the second derivative of a power by its base, given the power.
#[inline]
pub fn powf_xx<T: Real>(x: T, p: T, value: T) -> T {
    let factor = p * (p - T::ONE);
    if factor == T::ZERO && !is_nan(x) {
        T::ZERO
    } else if x == T::ZERO {
        factor * x.abs().powf(p - T::from_f64(2.0))
    } else if has_digits(value) && !x.is_infinite() {
        factor * (value / x / x)
    } else {
        factor * x.powf(p - T::from_f64(2.0))
    }
}

/// x^(p−1)·(1 + p ln x): the derivative of a power by its base and its exponent. At x = 0 it is the limit from above: 0 for p > 1, −∞ for
/// 0 < p ≤ 1, +∞ for p = 0; NaN below, as the derivative by the exponent is.
#[inline]
pub fn powf_mixed<T: Real>(x: T, p: T, value: T) -> T {
    if x == T::ZERO {
        match p {
            p if p > T::ONE => T::ZERO,
            p if p > T::ZERO => -x.abs().recip(),
            p if p == T::ZERO => x.abs().recip(),
            _ => nan(x * p),
        }
    } else if x < T::ZERO {
        nan(x * p)
    } else {
        let power = if has_digits(value) && !x.is_infinite() { value / x } else { x.powf(p - T::ONE) };
        power * (T::ONE + p * x.ln())
    }
}

/// x^p ln² x: the second derivative of a power by its exponent. At x = 0 it is 0 for p ≥ 0, NaN below.
#[inline]
pub fn powf_pp<T: Real>(x: T, p: T, value: T) -> T {
    let slope = powf_p(x, p, value);
    if x == T::ZERO { slope } else { slope * x.ln() }
}

/// Whether a power is neither infinite nor among the smallest numbers, which are short of digits.
#[inline]
fn has_digits<T: Real>(value: T) -> bool {
    !value.is_infinite() && !(T::ONE / value).is_infinite()
}

/// n·x^(n−1).
#[inline]
pub fn powi<T: Real>(x: T, n: i32) -> T {
    match n {
        0 => T::ZERO,
        1 => T::ONE,
        2 => x + x,
        3 => T::from_f64(3.0) * (x * x),
        4 => T::from_f64(4.0) * (x * x * x),
        5..=9 => T::from_f64(f64::from(n)) * x.powi(n - 1),
        -1 => -(x.recip() / x),
        // zeros of both signs are one
        -2 if x < T::ZERO => -powi(-x, n),
        -2 => {
            let r = x.without_sign().recip();
            T::from_f64(-2.0) * (r * r * r)
        }
        -3 => {
            let r = x.recip();
            T::from_f64(-3.0) * ((r * r) * (r * r))
        }
        _ => high_power(x, n),
    }
}

/// n·x^(n−1) by the square of its root, which neither overflows nor loses digits on the way.
fn high_power<T: Real>(x: T, n: i32) -> T {
    // at zero an absolute value would not move
    let size = if x == T::ZERO { x.without_sign() } else { x.abs() };
    let root = size.powf(T::from_f64(0.5 * (f64::from(n) - 1.0)));
    let power = (root * T::from_f64(f64::from(n))) * root;
    if x < T::ZERO && n % 2 == 0 { -power } else { power }
}

/// n(n−1)·x^(n−2).
#[inline]
pub fn powi_second<T: Real>(x: T, n: i32) -> T {
    match n {
        0 | 1 => T::ZERO,
        2 => T::from_f64(2.0),
        _ => T::from_f64(f64::from(n) * (f64::from(n) - 1.0)) * x.powi(n.saturating_sub(2)),
    }
}

/// sign(x)·sign(s), the sign of s by its bit; 0 at x = 0.
#[inline]
pub fn copysign<T: Real>(x: T, s: T) -> T {
    if s.is_sign_negative() { -sign(x) } else { sign(x) }
}

/// −trunc(x/y): the derivative of the remainder by the divisor. By the remainder, which is exact, as the quotient may be rounded up.
#[inline]
pub fn rem<T: Real>(x: T, y: T) -> T {
    -((x - x % y) / y).round()
}

/// −div_euclid(x, y): the derivative of the Euclidean remainder by the divisor.
#[inline]
pub fn rem_euclid<T: Real>(x: T, y: T) -> T {
    let remainder = x % y;
    let quotient = ((x - remainder) / y).round();
    if remainder >= T::ZERO || is_nan(remainder) {
        -quotient
    } else if y > T::ZERO {
        T::ONE - quotient
    } else {
        -T::ONE - quotient
    }
}

/// 2/√π e^(−x²).
#[inline]
pub fn erf<T: Real>(x: T) -> T {
    let factor = T::from_f64(core::f64::consts::FRAC_2_SQRT_PI);
    if x.abs() <= T::ONE || x.is_infinite() {
        return factor * (-(x * x)).exp();
    }
    // the square of a few digits is exact, and what it lacks is small
    let few = (x * T::from_f64(16.0)).trunc() / T::from_f64(16.0);
    factor * ((-(few * few)).exp() * ((few - x) * (few + x)).exp())
}

/// 1 − tanh² x, given tanh x, by the exponential where the difference would cancel: an ulp of the value is three of the difference at 27/32.
#[inline]
pub fn tanh<T: Real>(x: T, value: T) -> T {
    if value.abs() <= T::from_f64(0.84375) {
        return (T::ONE - value) * (T::ONE + value);
    }
    saturated_tanh(x)
}

/// The same by the exponential. On targets with vector units it is a function of its own, as the back end takes an exponential that only some iterations of a loop
/// need for one that it may as well compute in all of them, one by one.
#[cfg_attr(target_pointer_width = "64", inline(never))]
#[cfg_attr(not(target_pointer_width = "64"), inline)]
fn saturated_tanh<T: Real>(x: T) -> T {
    let e = (-(x.abs() + x.abs())).exp();
    let sum = T::ONE + e;
    T::from_f64(4.0) * (e / (sum * sum))
}

/// s(1 − s), given s = sigmoid x, by the exponential where the difference would cancel: the one that the value is computed with, so that the
/// back end computes it once for both.
#[inline]
pub fn sigmoid<T: Real>(x: T, value: T) -> T {
    if value <= T::from_f64(0.75) { value * (T::ONE - value) } else { value * (value * (-x.abs()).exp()) }
}

/// A cotangent or tangent carried through a conversion between floats.
pub trait Convert<T> {
    /// The number in the other type.
    fn convert(self) -> T;
}

macro_rules! conversions {
    ($($from:ident => $($to:ident)*;)*) => {$($(
        impl Convert<$to> for $from {
            #[inline]
            fn convert(self) -> $to {
                self as $to
            }
        }
    )*)*};
}

conversions! {
    f32 => f64;
    f64 => f32;
}

impl<T: Scalar> Convert<T> for T {
    #[inline]
    fn convert(self) -> T {
        self
    }
}

/// An integer, in a skipped field say, carries nothing.
macro_rules! integers {
    ($float:ident: $($integer:ident)*) => {$(
        impl Convert<$integer> for $float {
            #[inline]
            fn convert(self) -> $integer {
                0
            }
        }

        impl Convert<$float> for $integer {
            #[inline]
            fn convert(self) -> $float {
                0.0
            }
        }
    )*};
}

integers! { f32: u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }
integers! { f64: u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// A value whose partial derivative by `x` is `p`.
#[inline]
pub fn given<T: Copy>(v: T, _x: T, _p: T) -> T {
    v
}

/// What flows back through `x as T` and the like: the cotangent in the type of x.
#[inline]
pub fn convert<T, G: Convert<T>>(_x: T, g: G) -> T {
    g.convert()
}
