//! What the functions need of a floating-point format: constants, polynomials, and the few things that are done to its bits.

use crate::scalar::Number;

/// `f32` or `f64`.
pub trait Format: Number {
    /// Not a number.
    const NAN: Self;
    /// The infinity.
    const INFINITY: Self;
    /// log₂ e.
    const LOG2_E: Self;
    /// ln 2 in two parts; the first ends in as many zeros as an exponent has digits.
    const LN_2: [Self; 2];
    /// Beyond it eˣ is infinite, and 0 on the other side.
    const EXP_LIMIT: Self;
    /// Up to it eˣ and e⁻ˣ are normal numbers.
    const EXP_NORMAL: Self;
    /// Below its negative eˣ − 1 is −1.
    const EXP_M1_LIMIT: Self;
    /// 2/π.
    const FRAC_2_PI: Self;
    /// π/2 in four parts; each but the last ends in as many zeros as the quotients below the limit have digits.
    const FRAC_PI_2: [Self; 4];
    /// Up to it these parts suffice.
    const CIRCULAR_LIMIT: Self;
    /// The coefficient of r³ in sin r.
    const SIN_CUBE: Self;

    /// The smallest normal number.
    const LEAST_NORMAL: Self;

    /// eʳ − 1 − r for |r| ≤ ln(2)/2.
    fn exp_tail(r: Self) -> Self;
    /// What is left of the series of the logarithm, as a function of s² where s = f/(2 + f).
    fn ln_tail(z: Self) -> Self;
    /// (sin r − r − c·r³)/r⁵ for |r| ≤ π/4, given r².
    fn sin_tail(z: Self) -> Self;
    /// (cos r − 1 + r²/2)/r⁴ for |r| ≤ π/4, given r².
    fn cos_tail(z: Self) -> Self;

    /// The nearest integer, for numbers of few digits.
    fn nearest(self) -> Self;
    /// This number times 2ᵏ, rounded once.
    fn scaled(self, k: Self) -> Self;
    /// 2ᵏ, where that is a normal number.
    fn power_of_two(k: Self) -> Self;
    /// An exponent k and x/2ᵏ between √½ and √2, for positive numbers.
    fn split(self) -> (Self, Self);
    /// The same for positive normal numbers.
    fn split_normal(self) -> (Self, Self);
    /// The last two binary digits of an integer.
    fn quadrant(self) -> u32;
    /// The magnitude.
    fn magnitude(self) -> Self;
    /// The magnitude of this number with the sign of another.
    fn with_sign_of(self, sign: Self) -> Self;
    /// This number, negated where the second last digit of a quadrant is set.
    fn negated_in(self, quadrant: u32) -> Self;
}

/// A polynomial, the constant first, as two chains in the square, so that neither need wait for the other.
#[inline(always)]
fn polynomial<T: Number, const N: usize>(x: T, coefficients: [T; N]) -> T {
    let square = x * x;
    let (mut last, mut before) = (coefficients[N - 1], coefficients[N - 2]);
    for c in coefficients[..N - 2].iter().rev() {
        (last, before) = (before, last * square + c);
    }
    before + x * last
}

macro_rules! format {
    (
        $float:ident $bits:ident mantissa $mantissa:literal bias $bias:literal subnormal $subnormal:literal;
        $(const $constant:ident: $ty:ty = $value:expr;)*
        $(fn $function:ident($x:ident) = $body:expr;)*
    ) => {
        impl Format for $float {
            const NAN: Self = $float::NAN;
            const INFINITY: Self = $float::INFINITY;
            const LOG2_E: Self = core::$float::consts::LOG2_E;
            const FRAC_2_PI: Self = core::$float::consts::FRAC_2_PI;
            const LEAST_NORMAL: Self = $float::MIN_POSITIVE;
            $(const $constant: $ty = $value;)*

            $(
                #[inline(always)]
                fn $function($x: Self) -> Self {
                    $body
                }
            )*

            #[inline(always)]
            fn nearest(self) -> Self {
                // so large that the digits of an integer are the last of the mantissa
                const MAGIC: $float = 1.5 * (1u64 << $mantissa) as $float;
                (self + MAGIC) - MAGIC
            }

            #[inline(always)]
            fn scaled(self, k: Self) -> Self {
                // two factors of about half the exponent each: one alone may not be a number
                const OFFSET: $float = 1.5 * (1u64 << $mantissa) as $float + 2.0 * ($bias + 1) as $float;
                let k = (k + OFFSET).to_bits() & ((4 << ($bits::BITS - $mantissa - 1)) - 1);
                let half = k >> 1;
                // of a NaN the exponent is anything
                let [first, second] = [half, k - half].map(|part| part.wrapping_sub(1) << $mantissa);
                self * $float::from_bits(first) * $float::from_bits(second)
            }

            #[inline(always)]
            fn power_of_two(k: Self) -> Self {
                // the digits of an integer are the last of the mantissa
                const OFFSET: $float = 1.5 * (1u64 << $mantissa) as $float + $bias as $float;
                $float::from_bits((k + OFFSET).to_bits() << $mantissa)
            }

            #[inline(always)]
            fn split(self) -> (Self, Self) {
                let small = self < $float::MIN_POSITIVE;
                let normal = if small { self * (1u64 << $subnormal) as $float } else { self };
                let shift: $float = if small { $subnormal as $float } else { 0.0 };
                let (k, m) = normal.split_normal();
                (k - shift, m)
            }

            #[inline(always)]
            fn split_normal(self) -> (Self, Self) {
                const ONE: $bits = $bias << $mantissa;
                const ROOT: $bits = core::$float::consts::FRAC_1_SQRT_2.to_bits();
                const DIGITS: $bits = (1 << $mantissa) - 1;
                const INTEGER: $float = (1u64 << $mantissa) as $float;
                let bits = self.to_bits().wrapping_add(ONE - ROOT);
                // an integer in the digits of a number of that size
                let k = $float::from_bits(bits >> $mantissa | INTEGER.to_bits()) - (INTEGER + $bias as $float);
                (k, $float::from_bits((bits & DIGITS) + ROOT))
            }

            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, reason = "two digits")]
            fn quadrant(self) -> u32 {
                const MAGIC: $float = 1.5 * (1u64 << $mantissa) as $float;
                (self + MAGIC).to_bits() as u32 & 3
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                $float::from_bits(self.to_bits() & !(1 << ($bits::BITS - 1)))
            }

            #[inline(always)]
            fn with_sign_of(self, sign: Self) -> Self {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                $float::from_bits(self.to_bits() & !SIGN | sign.to_bits() & SIGN)
            }

            #[inline(always)]
            fn negated_in(self, quadrant: u32) -> Self {
                $float::from_bits(self.to_bits() ^ ($bits::from(quadrant & 2) << ($bits::BITS - 2)))
            }
        }
    };
}

format! {
    f64 u64 mantissa 52 bias 1023 subnormal 54;
    const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    const EXP_LIMIT: f64 = 800.0;
    const EXP_NORMAL: f64 = 708.0;
    const EXP_M1_LIMIT: f64 = 44.0;
    const FRAC_PI_2: [f64; 4] =
        [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_711_166_5e-21, 8.478_427_660_368_9e-32];
    const CIRCULAR_LIMIT: f64 = 1e6;
    const SIN_CUBE: f64 = -1.666_666_666_666_663_2e-1;
    fn exp_tail(r) = r * r * polynomial(r, [
        0.5, 1.666_666_666_666_666_6e-1, 4.166_666_666_660_355e-2, 8.333_333_333_323_346e-3, 1.388_888_892_699_466_7e-3,
        1.984_126_988_872_82e-4, 2.480_150_840_830_801_6e-5, 2.755_723_803_455_698_4e-6, 2.762_530_184_068_043e-7,
        2.511_187_033_873_004_6e-8,
    ]);
    fn ln_tail(z) = z * polynomial(z, [
        6.666_666_666_666_735e-1, 3.999_999_999_940_942e-1, 2.857_142_874_366_239e-1, 2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1, 1.531_383_769_920_937_3e-1, 1.479_819_860_511_658_6e-1,
    ]);
    fn sin_tail(z) = polynomial(z, [
        8.333_333_333_322_49e-3, -1.984_126_982_985_795e-4, 2.755_731_370_707_006_8e-6, -2.505_076_025_340_686_3e-8,
        1.589_690_995_211_55e-10,
    ]);
    fn cos_tail(z) = polynomial(z, [
        4.166_666_666_666_66e-2, -1.388_888_888_887_411e-3, 2.480_158_728_947_673e-5, -2.755_731_435_139_066_3e-7,
        2.087_572_321_298_175e-9, -1.135_964_755_778_819_5e-11,
    ]);
}

format! {
    f32 u32 mantissa 23 bias 127 subnormal 25;
    const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];
    const EXP_LIMIT: f32 = 110.0;
    const EXP_NORMAL: f32 = 86.0;
    const EXP_M1_LIMIT: f32 = 20.0;
    const FRAC_PI_2: [f32; 4] = [1.570_312_5, 4.837_513e-4, 7.549_533_6e-8, 2.563_344e-12];
    const CIRCULAR_LIMIT: f32 = 4000.0;
    const SIN_CUBE: f32 = -1.666_666_5e-1;
    fn exp_tail(r) = r * r * polynomial(r, [0.5, 1.666_652_3e-1, 4.166_649e-2, 8.369_158e-3, 1.393_365_2e-3]);
    fn ln_tail(z) = z * polynomial(z, [6.666_666e-1, 4.000_097e-1, 2.849_879e-1, 2.427_908e-1]);
    fn sin_tail(z) = polynomial(z, [8.333_331e-3, -1.983_934e-4, 2.718_311_5e-6]);
    fn cos_tail(z) = polynomial(z, [4.166_666_7e-2, -1.388_888_9e-3, 2.480_158_7e-5, -2.755_732e-7]);
}
