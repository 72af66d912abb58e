//! Functions of many numbers at a time: within 2 units in the last place of the true values, over all binades.
//!
//! The reference is `astro-float` at 192 bits. `VECTOR_POINTS=1000000 cargo test --release -p differentiable-tests --test vector` takes so
//! many points of each function, instead of a few thousand.

use astro_float::{BigFloat, Consts, RoundingMode};
use differentiable::Real;
use differentiable::rt::vector::{Function, Sloped, each, each_with_slope};

const DIGITS: usize = 192;
const ROUNDING: RoundingMode = RoundingMode::ToEven;

/// A function: for many numbers of both precisions, in as many digits as the reference has, and where it is sampled densely.
struct Case {
    name: &'static str,
    function: Function,
    one: fn(f64) -> f64,
    exact: fn(&BigFloat, &mut Consts) -> BigFloat,
    dense: (f64, f64),
}

/// A number in as many digits as the reference has; subnormal ones are read as normal ones first.
fn big(x: f64) -> BigFloat {
    if x == 0.0 || x.is_normal() {
        return BigFloat::from_f64(x, DIGITS);
    }
    let mut scaled = BigFloat::from_f64(x * 2f64.powi(200), DIGITS);
    scaled.set_exponent(scaled.exponent().expect("it is finite") - 200);
    scaled
}

fn one() -> BigFloat {
    big(1.0)
}

fn exp(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    x.exp(DIGITS, ROUNDING, consts)
}

fn ln_1p(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    // enough digits for the smallest numbers
    one().add_full_prec(x).ln(DIGITS, ROUNDING, consts)
}

fn exp_m1(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    // by the series where the difference would cancel
    if x.exponent().is_none_or(|exponent| exponent < -60) {
        let square = x.mul(x, DIGITS, ROUNDING);
        return x.add(&square.mul(&big(0.5), DIGITS, ROUNDING), DIGITS, ROUNDING);
    }
    x.exp(DIGITS + 64, ROUNDING, consts).sub(&one(), DIGITS, ROUNDING)
}

fn sigmoid(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    let e = exp(&x.neg(), consts);
    one().div(&one().add(&e, DIGITS, ROUNDING), DIGITS, ROUNDING)
}

fn softplus(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    let e = exp(&x.abs().neg(), consts);
    let above = if x.is_negative() { big(0.0) } else { x.clone() };
    above.add(&small_ln_1p(&e, consts), DIGITS, ROUNDING)
}

/// ln(1 + x), by the series for small numbers.
fn small_ln_1p(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    if x.exponent().is_none_or(|exponent| exponent < -60) {
        let square = x.mul(x, DIGITS, ROUNDING);
        return x.sub(&square.mul(&big(0.5), DIGITS, ROUNDING), DIGITS, ROUNDING);
    }
    ln_1p(x, consts)
}

fn tanh(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    x.tanh(DIGITS, ROUNDING, consts)
}

const CASES: [Case; 10] = [
    Case { name: "exp", function: Function::Exp, one: f64::exp, exact: exp, dense: (-750.0, 710.0) },
    Case { name: "exp_m1", function: Function::ExpM1, one: f64::exp_m1, exact: exp_m1, dense: (-40.0, 90.0) },
    Case {
        name: "ln",
        function: Function::Ln,
        one: f64::ln,
        exact: |x, consts| x.ln(DIGITS, ROUNDING, consts),
        dense: (0.0, 3.0),
    },
    Case { name: "ln_1p", function: Function::Ln1p, one: f64::ln_1p, exact: small_ln_1p, dense: (-1.0, 3.0) },
    Case {
        name: "sin",
        function: Function::Sin,
        one: f64::sin,
        exact: |x, consts| x.sin(DIGITS, ROUNDING, consts),
        dense: (-5000.0, 5000.0),
    },
    Case {
        name: "cos",
        function: Function::Cos,
        one: f64::cos,
        exact: |x, consts| x.cos(DIGITS, ROUNDING, consts),
        dense: (-5000.0, 5000.0),
    },
    Case { name: "sqrt", function: Function::Sqrt, one: f64::sqrt, exact: |x, _| x.sqrt(DIGITS, ROUNDING), dense: (0.0, 3.0) },
    Case { name: "tanh", function: Function::Tanh, one: f64::tanh, exact: tanh, dense: (-20.0, 20.0) },
    Case { name: "sigmoid", function: Function::Sigmoid, one: Real::sigmoid, exact: sigmoid, dense: (-750.0, 40.0) },
    Case { name: "softplus", function: Function::Softplus, one: Real::softplus, exact: softplus, dense: (-750.0, 40.0) },
];

/// A format's digits, and the exponent of its smallest number.
#[derive(Clone, Copy)]
struct Format {
    digits: i32,
    least: i32,
}

const DOUBLE: Format = Format { digits: 53, least: -1074 };
const SINGLE: Format = Format { digits: 24, least: -149 };

/// How many units in the last place a number is from the true value.
fn units(found: f64, exact: &BigFloat, format: Format) -> f64 {
    let Some(exponent) = exact.exponent().filter(|_| !exact.is_zero()) else {
        return if found == 0.0 { 0.0 } else { f64::INFINITY };
    };
    let greatest = if format.digits == 53 { 1024 } else { 128 };
    if exponent > greatest {
        return if found.is_infinite() { 0.0 } else { f64::INFINITY };
    }
    if !found.is_finite() {
        // the largest number may round up
        return if exponent == greatest { 1.0 } else { f64::INFINITY };
    }
    let unit = (exponent - format.digits).max(format.least);
    let apart = big(found).sub(exact, DIGITS, ROUNDING);
    if apart.is_zero() {
        return 0.0;
    }
    let Some((words, _, _, exponent, _)) = apart.as_raw_parts() else { return f64::INFINITY };
    let leading = words.last().map_or(0.0, |word| *word as f64 / 2f64.powi(64));
    leading * 2f64.powi(exponent - unit)
}

/// Numbers without a pattern.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let x = *state ^ *state >> 33;
    x.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ x >> 29
}

/// So many points: random bits, a random number in each binade, and the dense range.
fn points(case: &Case, count: usize, format: Format) -> Vec<f64> {
    let mut state = 7;
    let (low, high) = case.dense;
    (0..count)
        .map(|index| {
            let bits = random(&mut state);
            let fraction = (bits >> 11) as f64 / 2f64.powi(53);
            let x = match index % 3 {
                0 => low + (high - low) * fraction,
                1 if format.digits == 53 => f64::from_bits(bits & !(0x7ff << 52) | ((index / 3) as u64 % 0x7ff) << 52),
                1 => f64::from(f32::from_bits((bits >> 32) as u32 & !(0xff << 23) | ((index / 3) as u32 % 0xff) << 23)),
                _ => 4.0 * fraction - 2.0,
            };
            if format.digits == 53 { x } else { f64::from(x as f32) }
        })
        .collect()
}

fn is_in_domain(case: &Case, x: f64) -> bool {
    match case.name {
        "ln" | "sqrt" => x > 0.0,
        "ln_1p" => x > -1.0,
        // beyond, they are those of the function of one number
        "sin" | "cos" => x.abs() < 1e6,
        _ => true,
    }
}

fn count(default: usize) -> usize {
    std::env::var("VECTOR_POINTS").ok().and_then(|count| count.parse().ok()).unwrap_or(default)
}

fn check(case: &Case, format: Format, x: &[f64], y: &[f64]) {
    let mut consts = Consts::new().expect("there is memory for constants");
    let (mut worst, mut at) = (0.0, 0.0);
    for (x, y) in x.iter().zip(y).filter(|(x, _)| is_in_domain(case, **x)) {
        // the exponential of a huge number is told apart without all of its digits
        let clamped = if ["sin", "cos", "ln", "ln_1p", "sqrt"].contains(&case.name) { *x } else { x.clamp(-2000.0, 2000.0) };
        if clamped != *x && case.name == "softplus" && *x > 0.0 {
            assert_eq!(x, y, "softplus of a large number is that number");
            continue;
        }
        let exact = (case.exact)(&big(clamped), &mut consts);
        let units = units(*y, &exact, format);
        assert!(units <= 2.0, "{} of {x:e} in {} digits: {y:e} is off by {units} units", case.name, format.digits);
        if units > worst {
            (worst, at) = (units, *x);
        }
    }
    println!("{} in {} digits: at most {worst:.3} units, at {at:e}", case.name, format.digits);
}

#[test]
fn double_precision_is_within_two_units_in_all_binades() {
    for case in &CASES {
        let x = points(case, count(3 * 0x7ff), DOUBLE);
        let mut y = x.clone();
        each(case.function, &mut y);
        check(case, DOUBLE, &x, &y);
    }
}

#[test]
fn single_precision_is_within_two_units_in_all_binades() {
    for case in &CASES {
        let x = points(case, count(8 * 3 * 0xff), SINGLE);
        let mut y: Vec<f32> = x.iter().map(|x| *x as f32).collect();
        each(case.function, &mut y);
        check(case, SINGLE, &x, &y.into_iter().map(f64::from).collect::<Vec<_>>());
    }
}

#[test]
fn special_values_are_those_of_the_function_of_one_number() {
    let special = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -1.0, -2.0, 1e30, -1e30, 5e-324, -5e-324];
    for case in &CASES {
        let (mut double, mut single) = (special, special.map(|x| x as f32));
        each(case.function, &mut double);
        each(case.function, &mut single);
        for ((x, double), single) in special.into_iter().zip(double).zip(single) {
            let (want, want_single) = ((case.one)(x), (case.one)(f64::from(x as f32)) as f32);
            let close = |a: f64, b: f64, tolerance: f64| {
                a.is_nan() && b.is_nan()
                    || a == b && a.is_sign_negative() == b.is_sign_negative()
                    || (a - b).abs() <= tolerance * b.abs()
            };
            assert!(close(double, want, 1e-15), "{} of {x} is {double}, not {want}", case.name);
            assert!(
                close(f64::from(single), f64::from(want_single), 3e-7),
                "{} of {x} is {single}, not {want_single}",
                case.name
            );
        }
    }
}

#[test]
fn a_number_has_the_same_result_wherever_it_stands() {
    let x: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101) * 0.37 - if i == 70 { 1e9 } else { 7.0 }).collect();
    for case in &CASES {
        let mut all = x.clone();
        each(case.function, &mut all);
        for (x, all) in x.iter().zip(all) {
            let mut alone = [*x];
            each(case.function, &mut alone);
            assert_eq!(alone[0].to_bits(), all.to_bits(), "{} of {x}", case.name);
        }
    }
}

/// e/(1 + e)² with e = exp(−|x|): the derivative of 1/(1 + e⁻ˣ).
fn sigmoid_slope(x: &BigFloat, consts: &mut Consts) -> BigFloat {
    let e = exp(&x.abs().neg(), consts);
    let sum = one().add(&e, DIGITS, ROUNDING);
    e.div(&sum.mul(&sum, DIGITS, ROUNDING), DIGITS, ROUNDING)
}

/// Functions that come with their derivatives: the function, the derivative in as many digits as the reference has, and where it is sampled densely.
type WithSlope = (Function, Sloped, fn(&BigFloat, &mut Consts) -> BigFloat, (f64, f64));

const WITH_SLOPES: [WithSlope; 2] = [
    (Function::Sigmoid, Sloped::Sigmoid, sigmoid_slope, (-40.0, 40.0)),
    (
        Function::Tanh,
        Sloped::Tanh,
        |x, consts| sigmoid_slope(&x.add(x, DIGITS, ROUNDING), consts).mul(&big(4.0), DIGITS, ROUNDING),
        (-20.0, 20.0),
    ),
];

/// Numbers of a dense range, of all binades, and none of these.
fn slope_points((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let mut state = 11;
    let mut number = |index: usize| {
        let bits = random(&mut state);
        let fraction = (bits >> 11) as f64 / 2f64.powi(53);
        match index % 4 {
            0 => f64::from_bits(bits & !(0x7ff << 52) | ((index / 4) as u64 % 0x40a) << 52),
            1 => 800.0 * fraction - 400.0,
            _ => low + (high - low) * fraction,
        }
    };
    let mut points: Vec<f64> = (0..count).map(&mut number).collect();
    points.extend([0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -1e300]);
    points
}

#[test]
fn derivatives_come_beside_the_same_values_and_are_within_five_units() {
    let mut consts = Consts::new().expect("there is memory for constants");
    for (function, sloped, exact, dense) in WITH_SLOPES {
        let x = slope_points(dense, count(3 * 0x7ff));
        let (mut values, mut alone, mut slopes) = (x.clone(), x.clone(), vec![0.0; x.len()]);
        let single: Vec<f32> = x.iter().map(|x| *x as f32).collect();
        let (mut single_values, mut single_slopes) = (single.clone(), vec![0.0; x.len()]);
        each(function, &mut alone);
        each_with_slope(sloped, &mut values, &mut slopes);
        each_with_slope(sloped, &mut single_values, &mut single_slopes);
        let mut worst: f64 = 0.0;
        for (at, x) in x.iter().enumerate() {
            assert_eq!(values[at].to_bits(), alone[at].to_bits(), "{sloped:?} of {x}");
            if x.is_nan() {
                assert!(slopes[at].is_nan() && single_slopes[at].is_nan());
                continue;
            }
            let units_of = |x: f64, slope: f64, format: Format, consts: &mut Consts| {
                units(slope, &exact(&big(x.clamp(-2000.0, 2000.0)), consts), format)
            };
            let double = units_of(*x, slopes[at], DOUBLE, &mut consts);
            let single = units_of(f64::from(single[at]), f64::from(single_slopes[at]), SINGLE, &mut consts);
            assert!(double <= 5.0 && single <= 5.0, "{sloped:?}, derivative at {x:e}: off by {double} and {single} units");
            worst = worst.max(double).max(single);
        }
        println!("{sloped:?}, derivative: at most {worst:.3} units");
    }
}

#[test]
fn a_derivative_is_the_same_wherever_its_number_stands() {
    let x: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101) * 0.37 - if i == 70 { 1e9 } else { 7.0 }).collect();
    for (_, sloped, ..) in WITH_SLOPES {
        let (mut all, mut slopes) = (x.clone(), vec![0.0; x.len()]);
        each_with_slope(sloped, &mut all, &mut slopes);
        for (at, x) in x.iter().enumerate() {
            let (mut alone, mut slope) = ([*x], [0.0]);
            each_with_slope(sloped, &mut alone, &mut slope);
            assert_eq!([alone[0].to_bits(), slope[0].to_bits()], [all[at].to_bits(), slopes[at].to_bits()], "{sloped:?} of {x}");
        }
    }
}

#[test]
fn the_measure_of_errors_can_fail() {
    assert!((units(1.0 + 3.0 * f64::EPSILON, &one(), DOUBLE) - 3.0).abs() < 1e-9);
    assert!((units(5e-324, &big(1.5e-323), DOUBLE) - 2.0).abs() < 1e-9);
    assert_eq!(units(0.0, &one(), SINGLE), f64::from(1 << 23));
}
