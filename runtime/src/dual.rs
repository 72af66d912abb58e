//! Forward mode without the macro: a number that carries its tangents.

use core::cmp::Ordering;
use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use crate::partial;
use crate::real::Real;
use crate::scalar::{Number, Scalar};

/// A number and its derivatives in `N` directions.
///
/// It is a [`Real`], so a function that is generic over its scalar runs on it unchanged, whether it is `#[differentiable]` or not:
///
/// ```
/// use differentiable::prelude::*;
/// use differentiable::Dual;
///
/// fn area<T: Real>(a: T, b: T, angle: T) -> T {
///     a * b * angle.sin() / T::from_f64(2.0)
/// }
///
/// let [a, b, angle] = Dual::variables([3.0, 4.0, 0.0]);
/// let area = area(a, b, angle);
/// assert_eq!(area.value(), 0.0);
/// assert_eq!(area.tangents(), [0.0, 0.0, 6.0]);
/// ```
///
/// It nests, which gives exact second derivatives:
///
/// ```
/// use differentiable::prelude::*;
/// use differentiable::Dual;
///
/// fn cube<T: Real>(x: T) -> T {
///     x * x * x
/// }
///
/// let x = Dual::new(Dual::new(2.0, [1.0]), [Dual::constant(1.0)]);
/// let y = cube(x);
/// let [slope] = y.tangents();
/// assert_eq!((y.value().value(), slope.value(), slope.tangents()), (8.0, 12.0, [12.0]));
/// ```
///
/// Comparisons, also `==`, look at the value alone. At kinks and on the borders of domains the derivative is the one that
/// `#[differentiable]` gives, and an infinite one does not flow into directions in which the number does not move. What is made of constants
/// alone is a constant: nothing flows out of it, and in `max` and `min` the other operand alone counts.
/// [`stop_gradient`](crate::stop_gradient()) makes a constant of any number.
#[derive(Clone, Copy, Debug)]
pub struct Dual<T, const N: usize> {
    value: T,
    tangents: [T; N],
    /// Whether it may depend on what is differentiated; if not, the tangents are zeros.
    active: bool,
}

impl<T: Number, const N: usize> Dual<T, N> {
    /// A number that depends on nothing.
    #[inline]
    #[must_use]
    pub const fn constant(value: T) -> Self {
        Self { value, tangents: [T::ZERO; N], active: false }
    }

    /// A number that moves by so much in each direction.
    #[inline]
    #[must_use]
    pub const fn new(value: T, tangents: [T; N]) -> Self {
        Self { value, tangents, active: true }
    }

    /// The number that direction `index` moves, by one.
    ///
    /// # Panics
    ///
    /// If there is no such direction.
    #[inline]
    #[must_use]
    pub fn variable(value: T, index: usize) -> Self {
        let mut tangents = [T::ZERO; N];
        tangents[index] = T::ONE;
        Self::new(value, tangents)
    }

    /// As many numbers as there are directions, each moved by its own: what a function makes of them carries its gradient.
    #[inline]
    #[must_use]
    pub fn variables(values: [T; N]) -> [Self; N] {
        core::array::from_fn(|i| Self::variable(values[i], i))
    }

    /// The number itself.
    #[inline]
    #[must_use]
    pub fn value(&self) -> T {
        self.value
    }

    /// Its derivatives, one for each direction; zeros in a constant.
    #[inline]
    #[must_use]
    pub fn tangents(&self) -> [T; N] {
        self.tangents
    }

    /// A function of this number alone, given what its derivative makes of a tangent.
    #[inline]
    fn through(self, value: T, flow: impl Fn(T) -> T) -> Self {
        Self { value, tangents: self.part(flow), active: self.active }
    }

    /// A function of this number and another.
    #[inline]
    fn through_two(self, other: Self, value: T, flow: impl Fn(T) -> T, other_flow: impl Fn(T) -> T) -> Self {
        let mut tangents = self.part(flow);
        if other.active {
            let others = other.part(other_flow);
            if self.active {
                tangents.iter_mut().zip(others).for_each(|(tangent, other)| *tangent += other);
            } else {
                tangents = others;
            }
        }
        Self { value, tangents, active: self.active || other.active }
    }

    /// This number's part of the tangents of a result: nothing at all where it is a constant.
    #[inline]
    fn part(self, flow: impl Fn(T) -> T) -> [T; N] {
        if self.active { self.tangents.map(flow) } else { [T::ZERO; N] }
    }
}

/// What the derivative makes of a tangent, but for directions in which the number does not move: nothing flows there, also where the
/// derivative is infinite.
#[inline]
fn moved<T: Number>(tangent: T, flow: impl Fn(T) -> T) -> T {
    if tangent.vanishes() { tangent } else { flow(tangent) }
}

impl<T: Real, const N: usize> Dual<T, N> {
    /// An extremum, given the weight of an operand against the other where both are active, and where it alone is.
    #[inline]
    fn extremum(self, other: Self, value: T, both: fn(T, T) -> T, alone: fn(T, T) -> T) -> Self {
        let weight = if self.active && other.active { both } else { alone };
        let (own, others) = (weight(self.value, other.value), weight(other.value, self.value));
        self.through_two(other, value, |t| t * own, |t| t * others)
    }
}

impl<T: PartialEq, const N: usize> PartialEq for Dual<T, N> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: PartialOrd, const N: usize> PartialOrd for Dual<T, N> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Number, const N: usize> Neg for Dual<T, N> {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        self.through(-self.value, |t| -t)
    }
}

impl<T: Number, const N: usize> Neg for &Dual<T, N> {
    type Output = Dual<T, N>;

    #[inline]
    fn neg(self) -> Dual<T, N> {
        -*self
    }
}

/// An operator of two duals, its compound form, and both with references.
macro_rules! operators {
    ($($bound:ident $trait:ident $method:ident $compound:ident $compound_method:ident:
        $a:ident $b:ident $y:ident = $value:expr, $flow:expr, $other_flow:expr;)*) => {$(
        impl<T: $bound, const N: usize> $trait for Dual<T, N> {
            type Output = Self;

            #[inline]
            #[allow(clippy::suspicious_arithmetic_impl, reason = "tangents of products and quotients are made of both")]
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self.value, other.value);
                let $y = $value;
                self.through_two(other, $y, $flow, $other_flow)
            }
        }

        impl<T: $bound, const N: usize> $trait<&Self> for Dual<T, N> {
            type Output = Self;

            #[inline]
            fn $method(self, other: &Self) -> Self {
                $trait::$method(self, *other)
            }
        }

        impl<T: $bound, const N: usize> $trait<Dual<T, N>> for &Dual<T, N> {
            type Output = Dual<T, N>;

            #[inline]
            fn $method(self, other: Dual<T, N>) -> Dual<T, N> {
                $trait::$method(*self, other)
            }
        }

        impl<T: $bound, const N: usize> $trait for &Dual<T, N> {
            type Output = Dual<T, N>;

            #[inline]
            fn $method(self, other: Self) -> Dual<T, N> {
                $trait::$method(*self, *other)
            }
        }

        impl<T: $bound, const N: usize> $compound for Dual<T, N> {
            #[inline]
            fn $compound_method(&mut self, other: Self) {
                *self = $trait::$method(*self, other);
            }
        }

        impl<T: $bound, const N: usize> $compound<&Self> for Dual<T, N> {
            #[inline]
            fn $compound_method(&mut self, other: &Self) {
                *self = $trait::$method(*self, *other);
            }
        }
    )*};
}

operators! {
    Number Add add AddAssign add_assign: a b _y = a + b, |t| t, |t| t;
    Number Sub sub SubAssign sub_assign: a b _y = a - b, |t| t, |t| -t;
    Number Mul mul MulAssign mul_assign: a b _y = a * b, |t| t * b, |t| t * a;
    Number Div div DivAssign div_assign: a b y = a / b, |t| moved(t, |t| t / b), |t| moved(t, |t| -((t / b) * y));
}

operators! {
    Real Rem rem RemAssign rem_assign: a b _y = a % b, |t| t, |t| t * partial::rem(a, b);
}

impl<T: Number, const N: usize> Sum for Dual<T, N> {
    #[inline]
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::from_f64(-0.0), |sum, x| sum + x)
    }
}

impl<'a, T: Number, const N: usize> Sum<&'a Self> for Dual<T, N> {
    #[inline]
    fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().sum()
    }
}

impl<T: Number, const N: usize> Product for Dual<T, N> {
    #[inline]
    fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ONE, |product, x| product * x)
    }
}

impl<'a, T: Number, const N: usize> Product<&'a Self> for Dual<T, N> {
    #[inline]
    fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().product()
    }
}

impl<T: Number, const N: usize> Number for Dual<T, N> {
    const ZERO: Self = Self::constant(T::ZERO);
    const ONE: Self = Self::constant(T::ONE);

    #[inline]
    fn from_f64(x: f64) -> Self {
        Self::constant(T::from_f64(x))
    }

    #[inline]
    fn from_usize(x: usize) -> Self {
        Self::constant(T::from_usize(x))
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
        self.value.vanishes() && self.tangents.iter().all(|t| t.vanishes())
    }

    #[inline]
    fn stopped(self) -> Self {
        Self::constant(self.value.stopped())
    }
}

impl<T: Number, const N: usize> Scalar for Dual<T, N> {}

/// Functions of one number, with what the derivative makes of a tangent `t`.
macro_rules! functions {
    ($($name:ident($($argument:ident: $ty:ty),*): $x:ident $y:ident $t:ident => $flow:expr;)*) => {$(
        #[inline]
        fn $name(self $(, $argument: $ty)*) -> Self {
            let $x = self.value;
            let $y = $x.$name($($argument),*);
            self.through($y, |t| moved(t, |$t| $flow))
        }
    )*};
}

/// Functions of two numbers.
macro_rules! functions_of_two {
    ($($name:ident: $a:ident $b:ident $y:ident $t:ident => $flow:expr, $other_flow:expr;)*) => {$(
        #[inline]
        fn $name(self, other: Self) -> Self {
            let ($a, $b) = (self.value, other.value);
            let $y = $a.$name($b);
            self.through_two(other, $y, |t| moved(t, |$t| $flow), |t| moved(t, |$t| $other_flow))
        }
    )*};
}

/// Functions whose derivative is zero everywhere.
macro_rules! steps {
    ($($name:ident($($other:ident)?);)*) => {$(
        #[inline]
        fn $name(self $(, $other: Self)?) -> Self {
            Self::constant(self.value.$name($($other.value)?))
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

impl<T: Real, const N: usize> Real for Dual<T, N> {
    functions! {
        abs(): x _y t => t * partial::sign(x);
        recip(): _x y t => -((t * y) * y);
        sqrt(): _x y t => t * partial::sqrt(y);
        cbrt(): _x y t => t * partial::cbrt(y);
        powi(n: i32): x _y t => t * partial::powi(x, n);
        exp(): _x y t => t * y;
        exp2(): x y t => t * partial::exp2(x, y);
        exp_m1(): x y t => t * partial::exp_m1(x, y);
        ln(): x _y t => t * partial::inverse(x);
        log2(): x _y t => t * partial::log2(x);
        log10(): x _y t => t * partial::log10(x);
        ln_1p(): x _y t => t * partial::ln_1p(x);
        sin(): x _y t => t * x.cos();
        cos(): x _y t => -(t * x.sin());
        tan(): _x y t => t * (T::ONE + y * y);
        asin(): x _y t => t * partial::asin(x);
        acos(): x _y t => -(t * partial::asin(x));
        atan(): x _y t => t * partial::atan(x);
        sinh(): x _y t => t * x.cosh();
        cosh(): x _y t => t * x.sinh();
        tanh(): x y t => t * partial::tanh(x, y);
        asinh(): x _y t => t * partial::asinh(x);
        acosh(): x _y t => t * partial::acosh(x);
        atanh(): x _y t => t * partial::atanh(x);
        fract(): _x _y t => t;
        to_degrees(): _x _y t => t.to_degrees();
        to_radians(): _x _y t => t.to_radians();
        sigmoid(): x y t => t * partial::sigmoid(x, y);
        softplus(): x _y t => t * x.sigmoid();
        relu(): x _y t => t * partial::step(x);
        erf(): x _y t => t * partial::erf(x);
    }

    functions_of_two! {
        powf: x p y t => t * partial::powf_x(x, p, y), t * partial::powf_p(x, p, y);
        log: x b y t => t * partial::log_x(x, b), t * partial::log_base(x, b, y);
        atan2: u v _y t => t * partial::atan2(v, u), -(t * partial::atan2(u, v));
        hypot: a b y t => t * partial::hypot(a, b, y), t * partial::hypot(b, a, y);
        rem_euclid: a b _y t => t, t * partial::rem_euclid(a, b);
    }

    steps! {
        signum();
        floor();
        ceil();
        round();
        trunc();
        div_euclid(divisor);
    }

    questions!(is_nan is_infinite is_sign_negative is_sign_positive);

    #[inline]
    fn without_sign(self) -> Self {
        self.through(self.value.without_sign(), |t| t)
    }

    #[inline]
    fn copysign(self, sign: Self) -> Self {
        let slope = partial::copysign(self.value, sign.value);
        self.through(self.value.copysign(sign.value), |t| t * slope)
    }

    #[inline]
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.value.sin_cos();
        (self.through(sin, |t| t * cos), self.through(cos, |t| -(t * sin)))
    }

    #[inline]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        let value = self.value.mul_add(factor.value, addend.value);
        let product = self.through_two(factor, value, |t| t * factor.value, |t| t * self.value);
        product.through_two(addend, value, |t| t, |t| t)
    }

    #[inline]
    fn min(self, other: Self) -> Self {
        let value = self.value.min(other.value);
        self.extremum(other, value, partial::min_weight, partial::min_weight_alone)
    }

    #[inline]
    fn max(self, other: Self) -> Self {
        let value = self.value.max(other.value);
        self.extremum(other, value, partial::max_weight, partial::max_weight_alone)
    }

    #[inline]
    fn clamp(self, lo: Self, hi: Self) -> Self {
        let (x, l, h) = (self.value, lo.value, hi.value);
        let value = x.clamp(l, h);
        let bounded = self.through_two(lo, value, |t| t * partial::clamp_x(x, l, h), |t| t * partial::clamp_lo(x, l, h));
        bounded.through_two(hi, value, |t| t, |t| t * partial::clamp_hi(x, l, h))
    }
}
