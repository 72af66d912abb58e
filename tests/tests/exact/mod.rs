//! A `Real` whose derivatives are num-dual's: a function that is generic over its scalar gives with it, besides its value, two exact first
//! derivatives and the second.

use std::cmp::Ordering;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use differentiable::{Differentiable, Number, Real, Scalar};
use num_dual::{DualNum, HyperDual64};

/// A number that moves in two directions.
#[derive(Clone, Copy, Debug)]
pub struct Exact(HyperDual64);

impl Exact {
    /// A number that moves by so much in the first and in the second direction.
    pub fn new(value: f64, [first, second]: [f64; 2]) -> Self {
        Self(HyperDual64::new(value, first, second, 0.0))
    }

    /// The value.
    pub fn value(self) -> f64 {
        self.0.re
    }

    /// The derivative in the first direction.
    pub fn slope(self) -> f64 {
        self.0.eps1
    }

    /// The derivative in both directions.
    pub fn bend(self) -> f64 {
        self.0.eps1eps2
    }
}

/// The value of a function of `N` numbers, its gradient, and its Hessian.
pub fn derivatives<const N: usize>(x: &[f64; N], of: impl Fn(&[Exact; N]) -> Exact) -> (f64, [f64; N], [[f64; N]; N]) {
    let unit = |i: usize, k: usize| f64::from(u8::from(i == k));
    let at = |i: usize, j: usize| of(&std::array::from_fn(|k| Exact::new(x[k], [unit(i, k), unit(j, k)])));
    let gradient = std::array::from_fn(|i| at(i, i).slope());
    let hessian = std::array::from_fn(|i| std::array::from_fn(|j| at(i, j).bend()));
    (at(0, 0).value(), gradient, hessian)
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.0.re == other.0.re
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.re.partial_cmp(&other.0.re)
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        -*self
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $compound:ident $compound_method:ident |$a:ident, $b:ident| $value:expr;)*) => {$(
        impl $trait for Exact {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self.0, other.0);
                Self($value)
            }
        }
        impl $trait<&Self> for Exact {
            type Output = Self;
            fn $method(self, other: &Self) -> Self {
                $trait::$method(self, *other)
            }
        }
        impl $trait<Exact> for &Exact {
            type Output = Exact;
            fn $method(self, other: Exact) -> Exact {
                $trait::$method(*self, other)
            }
        }
        impl $trait for &Exact {
            type Output = Exact;
            fn $method(self, other: Self) -> Exact {
                $trait::$method(*self, *other)
            }
        }
        impl $compound for Exact {
            fn $compound_method(&mut self, other: Self) {
                *self = $trait::$method(*self, other);
            }
        }
        impl $compound<&Self> for Exact {
            fn $compound_method(&mut self, other: &Self) {
                *self = $trait::$method(*self, *other);
            }
        }
    )*};
}

operators! {
    Add add AddAssign add_assign |a, b| a + b;
    Sub sub SubAssign sub_assign |a, b| a - b;
    Mul mul MulAssign mul_assign |a, b| a * b;
    Div div DivAssign div_assign |a, b| a / b;
    Rem rem RemAssign rem_assign |a, b| a - b * (a.re / b.re).trunc();
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::from_f64(-0.0), |sum, x| sum + x)
    }
}

impl<'a> Sum<&'a Self> for Exact {
    fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().sum()
    }
}

impl Product for Exact {
    fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ONE, |product, x| product * x)
    }
}

impl<'a> Product<&'a Self> for Exact {
    fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().product()
    }
}

impl Differentiable for Exact {
    type Scalar = Self;

    fn zeros_like(&self) -> Self {
        Self::ZERO
    }

    fn same_shape(&self, _: &Self) -> bool {
        true
    }

    fn accumulate(&mut self, by: &Self) {
        *self += by;
    }

    fn leaves<const W: usize, const R: usize>(
        write: [&mut Self; W],
        read: [&Self; R],
        visit: &mut impl FnMut([&mut [Self]; W], [&[Self]; R]),
    ) {
        visit(write.map(std::slice::from_mut), read.map(std::slice::from_ref));
    }
}

impl Number for Exact {
    const ZERO: Self = Self(HyperDual64 { re: 0.0, eps1: 0.0, eps2: 0.0, eps1eps2: 0.0 });
    const ONE: Self = Self(HyperDual64 { re: 1.0, eps1: 0.0, eps2: 0.0, eps1eps2: 0.0 });

    fn from_f64(x: f64) -> Self {
        Self::new(x, [0.0; 2])
    }

    fn from_usize(x: usize) -> Self {
        Self::from_f64(x as f64)
    }

    fn to_f64(self) -> f64 {
        self.0.re
    }

    fn is_finite(self) -> bool {
        self.0.re.is_finite()
    }

    fn stopped(self) -> Self {
        Self::from_f64(self.0.re)
    }
}

impl Scalar for Exact {}

macro_rules! functions {
    ($($name:ident)*) => {$(
        fn $name(self) -> Self {
            Self(DualNum::$name(&self.0))
        }
    )*};
}

macro_rules! composed {
    ($($name:ident($x:ident $(, $other:ident)*) = $value:expr;)*) => {$(
        fn $name(self $(, $other: Self)*) -> Self {
            let $x = self;
            $value
        }
    )*};
}

macro_rules! steps {
    ($($name:ident)*) => {$(
        fn $name(self) -> Self {
            Self::from_f64(self.0.re.$name())
        }
    )*};
}

macro_rules! questions {
    ($($name:ident)*) => {$(
        fn $name(self) -> bool {
            self.0.re.$name()
        }
    )*};
}

impl Real for Exact {
    functions! {
        recip sqrt cbrt exp exp2 exp_m1 ln log2 log10 ln_1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
    }

    composed! {
        abs(x) = if x.0.re < 0.0 { -x } else { x };
        powf(x, p) = Self(x.0.powd(p.0));
        log(x, base) = x.ln() / base.ln();
        atan2(x, other) = Self(x.0.atan2(other.0));
        hypot(x, other) = (x * x + other * other).sqrt();
        mul_add(x, factor, addend) = x * factor + addend;
        min(x, other) = if other < x { other } else { x };
        max(x, other) = if other > x { other } else { x };
        clamp(x, lo, hi) = if x < lo { lo } else if x > hi { hi } else { x };
        copysign(x, sign) = if x.0.re.is_sign_negative() == sign.0.re.is_sign_negative() { x } else { -x };
        fract(x) = x - x.trunc();
        rem_euclid(x, divisor) = x - divisor * x.div_euclid(divisor);
        div_euclid(x, divisor) = Self::from_f64(x.0.re.div_euclid(divisor.0.re));
        to_degrees(x) = x * Self::from_f64(180.0 / std::f64::consts::PI);
        to_radians(x) = x * Self::from_f64(std::f64::consts::PI / 180.0);
        sigmoid(x) = ((-x).exp() + Self::ONE).recip();
        softplus(x) = x.exp().ln_1p();
        relu(x) = if x.0.re > 0.0 { x } else { Self::ZERO };
        erf(_x) = unimplemented!("num-dual has none");
    }

    steps! { signum floor ceil round trunc }

    questions! { is_nan is_infinite is_sign_negative is_sign_positive }

    fn powi(self, n: i32) -> Self {
        Self(self.0.powi(n))
    }

    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
}
