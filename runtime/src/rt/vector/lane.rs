//! The functions of one number, without branches, so that a loop over them becomes vector instructions on any target.
//!
//! Some are there twice: for numbers of a range that nearly all are from, and for any. Both give the same bits where both may be used.
//!
//! None fuses a multiplication with an addition, so results are the same on every machine. Sums of a large and a small part are kept as
//! two numbers where rounding them would cost more than a unit in the last place in what follows.

use super::format::Format;

/// eˣ as (high + low)·2ᵏ, for x within the limits of the exponent.
#[inline(always)]
fn exp_parts<T: Format>(x: T) -> (T, T, T) {
    let (k, r, tail) = reduced(x);
    let sum = T::ONE + r;
    let low = (r - (sum - T::ONE)) + tail;
    let high = sum + low;
    (high, (sum - high) + low, k)
}

/// k, r and eʳ − 1 − r, where x = k·ln 2 + r; the third has what r lacks.
#[inline(always)]
fn reduced<T: Format>(x: T) -> (T, T, T) {
    let k = (x * T::LOG2_E).nearest();
    let [ln_2, rest] = T::LN_2;
    let high = x - k * ln_2;
    let low = k * rest;
    let r = high - low;
    let lost = (high - r) - low;
    (k, r, T::exp_tail(r) + (lost + lost * r))
}

/// eˣ − 1 as (high + low)·2ᵏ, for x that is not below its limit.
#[inline(always)]
fn exp_m1_parts<T: Format>(x: T) -> (T, T, T) {
    exp_m1_of(reduced(x))
}

/// The same, given x in parts.
#[inline(always)]
fn exp_m1_of<T: Format>((k, r, tail): (T, T, T)) -> (T, T, T) {
    // beyond 2⁶⁴ the 1 makes no difference
    let most = T::from_f64(64.0);
    let one = T::ONE - T::power_of_two(if k > most { -most } else { -k });
    let sum = one + r;
    let back = sum - one;
    let low = ((one - (sum - back)) + (r - back)) + tail;
    let high = sum + low;
    (high, (sum - high) + low, k)
}

/// x, or the nearest number within two limits; NaN for NaN.
#[inline(always)]
fn within<T: Format>(x: T, low: T, high: T) -> T {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// eˣ/2ᵏ and k; what rounding r costs is a quarter of a unit in the last place.
#[inline(always)]
fn exp_of_remainder<T: Format>(x: T) -> (T, T) {
    let k = (x * T::LOG2_E).nearest();
    let [ln_2, rest] = T::LN_2;
    let r = (x - k * ln_2) - k * rest;
    (T::ONE + (r + T::exp_tail(r)), k)
}

#[inline(always)]
pub(super) fn exp<T: Format>(x: T) -> T {
    let (y, k) = exp_of_remainder(within(x, -T::EXP_LIMIT, T::EXP_LIMIT));
    y.scaled(k)
}

/// The same where it is a normal number.
#[inline(always)]
pub(super) fn exp_near<T: Format>(x: T) -> T {
    let (y, k) = exp_of_remainder(x);
    y * T::power_of_two(k)
}

#[inline(always)]
pub(super) fn exp_m1<T: Format>(x: T) -> T {
    let (high, low, k) = exp_m1_parts(within(x, -T::EXP_M1_LIMIT, T::EXP_LIMIT));
    let y = (high + low).scaled(k);
    if x == T::ZERO { x } else { y }
}

/// The same where eˣ is a normal number.
#[inline(always)]
pub(super) fn exp_m1_near<T: Format>(x: T) -> T {
    let (high, low, k) = exp_m1_parts(if x < -T::EXP_M1_LIMIT { -T::EXP_M1_LIMIT } else { x });
    let y = (high + low) * T::power_of_two(k);
    if x == T::ZERO { x } else { y }
}

/// ln(2ᵏ(1 + f)) + c, for a small c.
#[inline(always)]
fn ln_parts<T: Format>(k: T, f: T, c: T) -> T {
    let half = T::from_f64(0.5);
    let two = T::ONE + T::ONE;
    let s = f / (two + f);
    let square = half * f * f;
    let [ln_2, rest] = T::LN_2;
    k * ln_2 - ((square - (s * (square + T::ln_tail(s * s)) + (k * rest + c))) - f)
}

#[inline(always)]
pub(super) fn ln<T: Format>(x: T) -> T {
    let (k, m) = x.split();
    let y = ln_parts(k, m - T::ONE, T::ZERO);
    let y = if x < T::INFINITY { y } else { x };
    let y = if x < T::ZERO { T::NAN } else { y };
    if x == T::ZERO { -T::INFINITY } else { y }
}

/// The same for positive normal numbers.
#[inline(always)]
pub(super) fn ln_near<T: Format>(x: T) -> T {
    let (k, m) = x.split_normal();
    ln_parts(k, m - T::ONE, T::ZERO)
}

/// ln(1 + x + low), for x above −1 and a low part of it.
#[inline(always)]
fn ln_1p_parts<T: Format>(x: T, low: T) -> T {
    let u = T::ONE + x;
    let back = u - T::ONE;
    let lost = (T::ONE - (u - back)) + (x - back);
    let (k, m) = u.split_normal();
    let near = k == T::ZERO;
    let f = if near { x } else { m - T::ONE };
    let c = if near { low } else { lost + low };
    ln_parts(k, f, c / u)
}

#[inline(always)]
pub(super) fn ln_1p<T: Format>(x: T) -> T {
    let y = ln_1p_parts(x, T::ZERO);
    let y = if x < T::INFINITY { y } else { x };
    let y = if x < -T::ONE { T::NAN } else { y };
    let y = if x == -T::ONE { -T::INFINITY } else { y };
    if x == T::ZERO { x } else { y }
}

/// The same for finite numbers above −1.
#[inline(always)]
pub(super) fn ln_1p_near<T: Format>(x: T) -> T {
    let y = ln_1p_parts(x, T::ZERO);
    if x == T::ZERO { x } else { y }
}

#[inline(always)]
pub(super) fn tanh<T: Format>(x: T) -> T {
    // with e = exp(−2|x|) − 1 it is −e/(2 + e)
    let two = T::ONE + T::ONE;
    tanh_of(exp_m1_parts(-within(two * x.magnitude(), T::ZERO, T::EXP_M1_LIMIT))).with_sign_of(x)
}

/// e/(2 + e), which is tanh x but for the sign where e = exp(−2|x|) − 1.
#[inline(always)]
fn tanh_of<T: Format>((high, low, k): (T, T, T)) -> T {
    let half = T::from_f64(0.5);
    let two = T::ONE + T::ONE;
    let scale = T::power_of_two(k);
    let (high, low) = (high * scale, low * scale);
    let divisor = two + high;
    let lost = ((two - divisor) + high) + low;
    let quotient = high / divisor;
    // 1/(2 + e) = (1 − quotient)/2 is good enough for what is left
    quotient + (low - quotient * lost) * (half * (T::ONE - quotient))
}

/// tanh x and its derivative.
#[inline(always)]
pub(super) fn tanh_with_slope<T: Format>(x: T) -> (T, T) {
    let two = T::ONE + T::ONE;
    let value = tanh(x);
    let (k, r, tail) = reduced(-within(two * x.magnitude(), T::ZERO, T::EXP_LIMIT));
    (value, tanh_slope_of((T::ONE + (r + tail)).scaled(k), value))
}

/// The same where e⁻²ˣ and e²ˣ are not beyond the limit of eˣ − 1.
#[inline(always)]
pub(super) fn tanh_with_slope_near<T: Format>(x: T) -> (T, T) {
    let two = T::ONE + T::ONE;
    let parts = reduced(-(two * x.magnitude()));
    let value = tanh_of(exp_m1_of(parts)).with_sign_of(x);
    let (k, r, tail) = parts;
    (value, tanh_slope_of((T::ONE + (r + tail)) * T::power_of_two(k), value))
}

/// 4e/(1 + e)² as e(1 + |tanh x|)², where e = exp(−2|x|): nothing cancels.
#[inline(always)]
fn tanh_slope_of<T: Format>(e: T, value: T) -> T {
    let sum = T::ONE + value.magnitude();
    e * (sum * sum)
}

/// e⁻ˣ in two parts, for x that is not negative.
#[inline(always)]
fn small_exp<T: Format>(x: T) -> (T, T) {
    let (high, low, k) = exp_parts(-within(x, T::ZERO, T::EXP_LIMIT));
    (high.scaled(k), low.scaled(k))
}

/// The same where it is a normal number.
#[inline(always)]
fn small_exp_near<T: Format>(x: T) -> (T, T) {
    let (high, low, k) = exp_parts(-x);
    let scale = T::power_of_two(k);
    (high * scale, low * scale)
}

/// 1/(1 + e⁻ˣ), given the exponential of −|x|.
#[inline(always)]
fn sigmoid_of<T: Format>(x: T, (high, low): (T, T)) -> T {
    let positive = x >= T::ZERO;
    let divisor = T::ONE + high;
    let lost = ((T::ONE - divisor) + high) + low;
    let quotient = if positive { T::ONE } else { high } / divisor;
    let inverse = if positive { quotient } else { T::ONE - quotient };
    quotient + (if positive { T::ZERO } else { low } - quotient * lost) * inverse
}

#[inline(always)]
pub(super) fn sigmoid<T: Format>(x: T) -> T {
    sigmoid_of(x, small_exp(x.magnitude()))
}

/// The same where eˣ and e⁻ˣ are normal numbers.
#[inline(always)]
pub(super) fn sigmoid_near<T: Format>(x: T) -> T {
    sigmoid_of(x, small_exp_near(x.magnitude()))
}

/// s(1 − s) for s = 1/(1 + e⁻ˣ), given the exponential of −|x|: as s²e⁻ˣ where the difference would cancel.
#[inline(always)]
fn sigmoid_slope_of<T: Format>(x: T, (high, _): (T, T), value: T) -> T {
    value * if x >= T::ZERO { value * high } else { T::ONE - value }
}

/// 1/(1 + e⁻ˣ) and its derivative.
#[inline(always)]
pub(super) fn sigmoid_with_slope<T: Format>(x: T) -> (T, T) {
    let e = small_exp(x.magnitude());
    let value = sigmoid_of(x, e);
    (value, sigmoid_slope_of(x, e, value))
}

/// The same where eˣ and e⁻ˣ are normal numbers.
#[inline(always)]
pub(super) fn sigmoid_with_slope_near<T: Format>(x: T) -> (T, T) {
    let e = small_exp_near(x.magnitude());
    let value = sigmoid_of(x, e);
    (value, sigmoid_slope_of(x, e, value))
}

/// ln(1 + eˣ), given the exponential of −|x|.
#[inline(always)]
fn softplus_of<T: Format>(x: T, (high, low): (T, T)) -> T {
    let above = if x < T::ZERO { T::ZERO } else { x };
    above + ln_1p_parts(high, low)
}

#[inline(always)]
pub(super) fn softplus<T: Format>(x: T) -> T {
    softplus_of(x, small_exp(x.magnitude()))
}

/// The same where eˣ and e⁻ˣ are normal numbers.
#[inline(always)]
pub(super) fn softplus_near<T: Format>(x: T) -> T {
    softplus_of(x, small_exp_near(x.magnitude()))
}

/// Sine, cosine and quadrant of x less the nearest multiple of π/2.
#[inline(always)]
fn circular<T: Format>(x: T) -> (T, T, u32) {
    let half = T::from_f64(0.5);
    let n = (x * T::FRAC_2_PI).nearest();
    let [first, second, third, fourth] = T::FRAC_PI_2;
    let (a, b) = (x - n * first, n * second);
    let y = a - b;
    let back = y - a;
    let lost = (a - (y - back)) - (b + back);
    let c = n * third;
    let r = y - c;
    let back = r - y;
    let low = ((y - (r - back)) - (c + back)) + (lost - n * fourth);
    let z = r * r;
    let cube = z * r;
    let sin = r - ((z * (half * low - cube * T::sin_tail(z)) - low) - cube * T::SIN_CUBE);
    let square = half * z;
    let one = T::ONE - square;
    let cos = one + (((T::ONE - one) - square) + (z * (z * T::cos_tail(z)) - r * low));
    (sin, cos, n.quadrant())
}

/// The sine, for numbers up to the limit.
#[inline(always)]
pub(super) fn sin<T: Format>(x: T) -> T {
    let (sin, cos, quadrant) = circular(x);
    let y = if quadrant & 1 == 0 { sin } else { cos }.negated_in(quadrant);
    if x == T::ZERO { x } else { y }
}

/// The cosine, for numbers up to the limit.
#[inline(always)]
pub(super) fn cos<T: Format>(x: T) -> T {
    let (sin, cos, quadrant) = circular(x);
    if quadrant & 1 == 0 { cos } else { sin }.negated_in(quadrant + 1)
}
