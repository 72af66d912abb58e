//! Partial derivatives over all binades of both precisions: within a few units in the last place of the true ones, wherever these can be
//! represented.
//!
//! The reference is `astro-float` at 256 bits.

use astro_float::{BigFloat, Consts, RoundingMode};
use differentiable::prelude::*;

const DIGITS: usize = 256;
const ROUNDING: RoundingMode = RoundingMode::ToEven;
/// How many units in the last place a partial derivative may be off.
const BOUND: f64 = 6.0;

/// A number in as many digits as the reference has.
fn big(x: f64) -> BigFloat {
    if x == 0.0 || x.is_normal() {
        return BigFloat::from_f64(x, DIGITS);
    }
    let mut scaled = BigFloat::from_f64(x * 2f64.powi(200), DIGITS);
    scaled.set_exponent(scaled.exponent().expect("it is finite") - 200);
    scaled
}

/// Arithmetic of the reference, short enough for formulas.
#[derive(Clone)]
struct Exact(BigFloat);

thread_local! {
    static CONSTS: std::cell::RefCell<Consts> = std::cell::RefCell::new(Consts::new().expect("there is memory"));
}

impl Exact {
    fn with(&self, function: impl Fn(&BigFloat, &mut Consts) -> BigFloat) -> Self {
        CONSTS.with(|consts| Self(function(&self.0, &mut consts.borrow_mut())))
    }

    fn exp(&self) -> Self {
        self.with(|x, consts| x.exp(DIGITS, ROUNDING, consts))
    }

    fn ln(&self) -> Self {
        self.with(|x, consts| x.ln(DIGITS, ROUNDING, consts))
    }

    fn sqrt(&self) -> Self {
        Self(self.0.sqrt(DIGITS, ROUNDING))
    }

    fn powf(&self, p: &Self) -> Self {
        (self.ln() * p.clone()).exp()
    }
}

impl From<f64> for Exact {
    fn from(x: f64) -> Self {
        Self(big(x))
    }
}

macro_rules! operators {
    ($($trait:ident $name:ident)*) => {$(
        impl std::ops::$trait for Exact {
            type Output = Self;
            fn $name(self, other: Self) -> Self {
                Self(self.0.$name(&other.0, DIGITS, ROUNDING))
            }
        }
    )*};
}

operators!(Add add Sub sub Mul mul Div div);

/// How far `got` is from the true value, in units of the last of `digits` digits, where no number is below 2^`least`.
fn error(got: f64, exact: &Exact, digits: i32, least: i32, largest: f64) -> f64 {
    let is_beyond = exact.0.abs().cmp(&big(largest)).is_none_or(|order| order > 0);
    if got.is_nan() || is_beyond || got.is_infinite() {
        return if is_beyond && got.is_infinite() { 0.0 } else { f64::INFINITY };
    }
    let exponent = exact.0.exponent().filter(|_| !exact.0.is_zero()).map_or(least, |exponent| (exponent - digits).max(least));
    let mut off = big(got).sub(&exact.0, DIGITS, ROUNDING).abs();
    if off.is_zero() {
        return 0.0;
    }
    let at = off.exponent().expect("it is finite") - exponent;
    if at > 60 {
        return f64::INFINITY;
    }
    if at < -60 {
        return 0.0;
    }
    off.set_exponent(at);
    let text = off.format(astro_float::Radix::Dec, ROUNDING, &mut Consts::new().expect("there is memory")).expect("a number");
    text.parse().expect("a number")
}

/// Numbers of every so many binades between two, of both signs, and of all binades towards one.
fn points(least: i32, greatest: i32, step: usize) -> Vec<f64> {
    let mut points = Vec::new();
    for exponent in (least..=greatest).step_by(step) {
        for mantissa in [1.0, 1.37, 1.999] {
            points.push(mantissa * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2));
        }
    }
    for exponent in (1..=22).step_by(3) {
        points.extend([1.0 - 0.5f64.powi(exponent), 1.0 + 0.5f64.powi(exponent)]);
    }
    points.extend((1..60).map(|i| f64::from(i) * 0.37));
    points.iter().flat_map(|x| [*x, -*x]).collect()
}

macro_rules! case {
    ($name:ident($x:ident) = $body:expr; $exact:expr, if $domain:expr) => {
        #[test]
        fn $name() {
            #[differentiable]
            fn double($x: f64) -> f64 {
                $body
            }
            #[differentiable]
            fn single($x: f32) -> f32 {
                $body
            }
            let exact: fn(Exact) -> Exact = $exact;
            let is_inside: fn(f64) -> bool = $domain;
            for x in points(-1070, 1023, 31).into_iter().filter(|x| is_inside(*x)) {
                let off = error(double::grad(x), &exact(Exact::from(x)), 53, -1074, f64::MAX);
                assert!(off <= BOUND, "at {x:e}: {:e} is {off} units off", double::grad(x));
            }
            for x in points(-148, 127, 5).into_iter().map(|x| f64::from(x as f32)).filter(|x| is_inside(*x)) {
                let got = single::grad(x as f32);
                let off = error(f64::from(got), &exact(Exact::from(x)), 24, -149, f64::from(f32::MAX));
                assert!(off <= BOUND, "at {x:e} in single precision: {got:e} is {off} units off");
            }
        }
    };
    ($name:ident($x:ident, $y:ident) = $body:expr; $by_x:expr, $by_y:expr, if $domain:expr) => {
        #[test]
        fn $name() {
            #[differentiable]
            fn double($x: f64, $y: f64) -> f64 {
                $body
            }
            #[differentiable]
            fn single($x: f32, $y: f32) -> f32 {
                $body
            }
            let exact: [fn(Exact, Exact) -> Exact; 2] = [$by_x, $by_y];
            let is_inside: fn(f64, f64) -> bool = $domain;
            let all = points(-1070, 1023, 97);
            for (x, y) in all.iter().flat_map(|x| all.iter().step_by(7).map(move |y| (*x, *y))).filter(|(x, y)| is_inside(*x, *y))
            {
                let (d_x, d_y) = double::grad(x, y);
                for (got, exact) in [d_x, d_y].into_iter().zip(exact) {
                    let off = error(got, &exact(x.into(), y.into()), 53, -1074, f64::MAX);
                    assert!(off <= BOUND, "at {x:e}, {y:e}: {got:e} is {off} units off");
                }
            }
            let all: Vec<f64> = points(-148, 127, 17).into_iter().map(|x| f64::from(x as f32)).collect();
            for (x, y) in all.iter().flat_map(|x| all.iter().step_by(7).map(move |y| (*x, *y))).filter(|(x, y)| is_inside(*x, *y))
            {
                let (d_x, d_y) = single::grad(x as f32, y as f32);
                for (got, exact) in [d_x, d_y].into_iter().zip(exact) {
                    let off = error(f64::from(got), &exact(x.into(), y.into()), 24, -149, f64::from(f32::MAX));
                    assert!(off <= BOUND, "at {x:e}, {y:e} in single precision: {got:e} is {off} units off");
                }
            }
        }
    };
}

fn one() -> Exact {
    Exact::from(1.0)
}

fn hypot(x: Exact, y: Exact) -> Exact {
    (x.clone() * x + y.clone() * y).sqrt()
}

case!(recip(x) = x.recip(); |x| Exact::from(-1.0) / (x.clone() * x), if |x| x != 0.0);
case!(sqrt(x) = x.sqrt(); |x| Exact::from(0.5) / x.sqrt(), if |x| x > 0.0);
case!(cbrt(x) = x.cbrt(); |x| (Exact::from(x.0.abs()).ln() * Exact::from(-2.0) / Exact::from(3.0)).exp() / Exact::from(3.0), if |x| x != 0.0);
case!(exp(x) = x.exp(); |x| x.exp(), if |x| x.abs() < 800.0);
case!(exp_m1(x) = x.exp_m1(); |x| x.exp(), if |x| x.abs() < 800.0);
case!(exp2(x) = x.exp2(); |x| Exact::from(2.0).powf(&x) * Exact::from(2.0).ln(), if |x| x.abs() < 1100.0);
case!(ln(x) = x.ln(); |x| one() / x, if |x| x > 0.0);
case!(log2(x) = x.log2(); |x| one() / (x * Exact::from(2.0).ln()), if |x| x > 0.0);
case!(log10(x) = x.log10(); |x| one() / (x * Exact::from(10.0).ln()), if |x| x > 0.0);
case!(ln_1p(x) = x.ln_1p(); |x| one() / (one() + x), if |x| x > -1.0);
case!(asin(x) = x.asin(); |x| one() / ((one() - x.clone()) * (one() + x)).sqrt(), if |x| x.abs() < 1.0);
case!(acos(x) = x.acos(); |x| Exact::from(-1.0) / ((one() - x.clone()) * (one() + x)).sqrt(), if |x| x.abs() < 1.0);
case!(atan(x) = x.atan(); |x| one() / (one() + x.clone() * x), if |_| true);
case!(asinh(x) = x.asinh(); |x| one() / (one() + x.clone() * x).sqrt(), if |_| true);
case!(acosh(x) = x.acosh(); |x| one() / ((x.clone() - one()) * (x + one())).sqrt(), if |x| x > 1.0);
case!(atanh(x) = x.atanh(); |x| one() / ((one() - x.clone()) * (one() + x)), if |x| x.abs() < 1.0);
case!(tanh(x) = x.tanh(); |x| {
    let sum = x.exp() + (Exact::from(0.0) - x).exp();
    Exact::from(4.0) / (sum.clone() * sum)
}, if |x| x.abs() < 400.0);
case!(sigmoid(x) = Real::sigmoid(x); |x| {
    let (e, inverse) = (x.exp(), (Exact::from(0.0) - x).exp());
    one() / (Exact::from(2.0) + e + inverse)
}, if |x| x.abs() < 800.0);
case!(softplus(x) = Real::softplus(x); |x| one() / (one() + (Exact::from(0.0) - x).exp()), if |x| x.abs() < 800.0);
case!(erf(x) = Real::erf(x); |x| (Exact::from(0.0) - x.clone() * x).exp() * Exact::from(2.0) / pi().sqrt(), if |x| x.abs() < 30.0);
case!(cube(x) = x.powi(3); |x| Exact::from(3.0) * x.clone() * x, if |_| true);
case!(ninth_power(x) = x.powi(9); |x| Exact(x.0.powi(8, DIGITS, ROUNDING)) * Exact::from(9.0), if |_| true);
case!(hundredth_power(x) = x.powi(100); |x| Exact(x.0.powi(99, DIGITS, ROUNDING)) * Exact::from(100.0), if |_| true);
case!(inverse(x) = x.powi(-1); |x| Exact::from(-1.0) / (x.clone() * x), if |x| x != 0.0);
case!(inverse_square(x) = x.powi(-2); |x| Exact::from(-2.0) / (x.clone() * x.clone() * x), if |x| x != 0.0);
case!(inverse_cube(x) = x.powi(-3); |x| Exact::from(-3.0) / Exact(x.0.powi(4, DIGITS, ROUNDING)), if |x| x != 0.0);
case!(quotient(x, y) = x / y; |_, y| one() / y, |x, y| Exact::from(0.0) - x / (y.clone() * y), if |_, y| y.abs() > 1e-30);
case!(distance(x, y) = x.hypot(y); |x, y| x.clone() / hypot(x, y), |x, y| y.clone() / hypot(x, y), if |x, y| x != 0.0 || y != 0.0);
case!(angle(x, y) = x.atan2(y); |x, y| y.clone() / (x.clone() * x + y.clone() * y),
    |x, y| Exact::from(0.0) - x.clone() / (x.clone() * x + y.clone() * y), if |x, y| x != 0.0 || y != 0.0);
case!(power(x, y) = x.powf(y); |x, y| y.clone() * x.powf(&(y - one())), |x, y| x.powf(&y) * x.ln(), if |x, y| x > 0.0 && y.abs() > 1e-3 && y.abs() < 1e3);
case!(logarithm(x, y) = x.log(y); |x, y| one() / (x * y.ln()), |x, y| Exact::from(0.0) - x.ln() / (y.clone() * y.ln() * y.ln()),
    if |x, y| x > 0.0 && x != 1.0 && y > 0.0 && y != 1.0);

fn pi() -> Exact {
    CONSTS.with(|consts| Exact(consts.borrow_mut().pi(DIGITS, ROUNDING)))
}

impl From<BigFloat> for Exact {
    fn from(x: BigFloat) -> Self {
        Self(x)
    }
}

#[test]
fn the_slope_of_a_remainder_is_that_of_the_exact_quotient() {
    #[differentiable]
    fn f(x: f64, y: f64) -> f64 {
        x % y
    }
    // 0.9 / 0.1 is rounded up to 9, and 0.9 % 0.1 is 0.0999..
    assert_eq!(f::grad(0.9, 0.1), (1.0, -8.0));
    assert_eq!(f::grad(-0.9, 0.1), (1.0, 8.0));
}
