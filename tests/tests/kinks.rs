//! The derivative where there is none: the table of points, row by row, in both modes and both precisions.

#![allow(deprecated, reason = "steps have results that depend on nothing, of which the macro warns")]

use differentiable::Dual;
use differentiable::prelude::*;

/// Defines functions of one and two operands in both precisions and over any scalar, for the slopes that both modes give for them, and
/// numbers that carry their tangents.
macro_rules! slopes {
    ($($name:ident($($operand:ident),+) = $body:expr;)*) => {$(
        mod $name {
            use differentiable::prelude::*;

            #[differentiable]
            pub fn double($($operand: f64),+) -> f64 {
                $body
            }

            #[differentiable]
            pub fn single($($operand: f32),+) -> f32 {
                $body
            }

            #[differentiable]
            pub fn generic<T: Real>($($operand: T),+) -> T {
                $body
            }
        }
    )*};
}

slopes! {
    abs(x) = x.abs();
    signum(x) = x.signum();
    floor(x) = x.floor();
    relu(x) = Real::relu(x);
    sqrt(x) = x.sqrt();
    cbrt(x) = x.cbrt();
    ln(x) = x.ln();
    log2(x) = x.log2();
    log10(x) = x.log10();
    ln_1p(x) = x.ln_1p();
    asin(x) = x.asin();
    acos(x) = x.acos();
    acosh(x) = x.acosh();
    atanh(x) = x.atanh();
    recip(x) = x.recip();
    over(x) = 1.0 / x;
    fract(x) = x.fract();
    positive_part(x) = x.max(0.0);
    at_most_one(x) = x.min(1.0);
    squared(x) = x.powi(2);
    zeroth(x) = x.powi(0);
    first(x) = x.powi(1);
    inverse_square(x) = x.powi(-2);
    max(x, y) = x.max(y);
    min(x, y) = x.min(y);
    hypot(x, y) = x.hypot(y);
    atan2(x, y) = x.atan2(y);
    powf(x, y) = x.powf(y);
    copysign(x, y) = x.copysign(y);
    rem(x, y) = x % y;
    rem_euclid(x, y) = x.rem_euclid(y);
    clamp(x, y, z) = x.clamp(y, z);
}

/// The same number, NaN included; zeros of both signs are one.
fn same(what: &str, got: f64, want: f64) {
    assert!(got == want || got.is_nan() && want.is_nan(), "{what}: {got}, not {want}");
}

macro_rules! one {
    ($name:ident: $($x:expr => $want:expr),+) => {$(
        let x: f64 = $x;
        let what = format!("{} at {x}", stringify!($name));
        same(&what, $name::double::grad(x), $want);
        same(&what, $name::double::jvp(x, 1.0).1, $want);
        same(&what, f64::from($name::single::grad(x as f32)), $want);
        same(&what, f64::from($name::single::jvp(x as f32, 1.0).1), $want);
        same(&what, $name::generic(Dual::new(x, [1.0])).tangents()[0], $want);
        same(&what, f64::from($name::generic(Dual::new(x as f32, [1.0])).tangents()[0]), $want);
    )+};
}

macro_rules! two {
    ($name:ident: $(($x:expr, $y:expr) => ($d_x:expr, $d_y:expr)),+) => {$(
        let (x, y): (f64, f64) = ($x, $y);
        let what = format!("{} at {x}, {y}", stringify!($name));
        let (d_x, d_y) = $name::double::grad(x, y);
        same(&what, d_x, $d_x);
        same(&what, d_y, $d_y);
        same(&what, $name::double::jvp(x, y, 1.0, 0.0).1, $d_x);
        let [moved_x, moved_y] = Dual::variables([x, y]);
        let [slope_x, slope_y] = $name::generic(moved_x, moved_y).tangents();
        same(&what, slope_x, $d_x);
        same(&what, slope_y, $d_y);
        let (d_x, d_y) = $name::single::grad(x as f32, y as f32);
        same(&what, f64::from(d_x), $d_x);
        same(&what, f64::from(d_y), $d_y);
        same(&what, f64::from($name::single::jvp(x as f32, y as f32, 1.0, 0.0).1), $d_x);
        // an infinite slope would meet the zero of the other direction
        if d_x.is_finite() {
            same(&what, $name::double::jvp(x, y, 0.0, 1.0).1, $d_y);
            same(&what, f64::from($name::single::jvp(x as f32, y as f32, 0.0, 1.0).1), $d_y);
        }
    )+};
}

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

#[test]
fn jumps_and_corners_have_the_smallest_subgradient() {
    one!(abs: 0.0 => 0.0, -0.0 => 0.0, 2.0 => 1.0, -2.0 => -1.0, NAN => NAN);
    one!(signum: 0.0 => 0.0, 3.0 => 0.0, NAN => 0.0);
    one!(floor: 1.0 => 0.0, 1.5 => 0.0);
    one!(relu: 0.0 => 0.0, -0.0 => 0.0, 2.0 => 1.0, -2.0 => 0.0, NAN => NAN);
    one!(positive_part: 0.0 => 0.0, -0.0 => 0.0, 1.0 => 1.0, -1.0 => 0.0);
    one!(at_most_one: 1.0 => 0.0, 0.5 => 1.0, 2.0 => 0.0);
    one!(fract: 1.0 => 1.0, 2.5 => 1.0);
}

#[test]
fn equal_operands_share_an_extremum() {
    two!(max: (1.0, 1.0) => (0.5, 0.5), (0.0, -0.0) => (0.5, 0.5), (2.0, 1.0) => (1.0, 0.0), (NAN, 1.0) => (0.0, 1.0));
    two!(max: (1.0, NAN) => (1.0, 0.0));
    two!(min: (1.0, 1.0) => (0.5, 0.5), (1.0, 2.0) => (1.0, 0.0), (NAN, 1.0) => (0.0, 1.0), (1.0, NAN) => (1.0, 0.0));
    let (d_x, d_y) = max::double::grad(NAN, NAN);
    assert!(d_x.is_nan() && d_y.is_nan());
}

#[test]
fn singular_slopes_are_the_limits() {
    one!(sqrt: 0.0 => INF, -0.0 => INF, -1.0 => NAN, NAN => NAN);
    one!(cbrt: 0.0 => INF, -0.0 => INF);
    one!(ln: 0.0 => INF, -0.0 => INF, -2.0 => NAN);
    one!(log2: 0.0 => INF, -0.0 => INF, -2.0 => NAN);
    one!(log10: 0.0 => INF, -0.0 => INF, -2.0 => NAN);
    one!(ln_1p: -1.0 => INF, -2.0 => NAN);
    one!(asin: 1.0 => INF, -1.0 => INF, 2.0 => NAN);
    one!(acos: 1.0 => -INF, -1.0 => -INF);
    one!(acosh: 1.0 => INF, 0.5 => NAN, -2.0 => NAN);
    one!(atanh: 2.0 => NAN, -2.0 => NAN);
    one!(recip: 0.0 => -INF, -0.0 => -INF);
    one!(over: 0.0 => -INF, -0.0 => -INF);
}

#[test]
fn nothing_flows_through_a_root_that_nothing_depends_on() {
    let mut d_x = 0.0;
    sqrt::double::vjp(0.0, 0.0, &mut d_x);
    assert_eq!(d_x, 0.0);
    cbrt::double::vjp(0.0, 0.0, &mut d_x);
    assert_eq!(d_x, 0.0);
    assert_eq!(sqrt::double::jvp(0.0, 0.0).1, 0.0);
    assert_eq!(cbrt::double::jvp(0.0, 0.0).1, 0.0);
}

#[test]
fn distances_and_angles_have_no_slope_at_the_origin() {
    two!(hypot: (0.0, 0.0) => (0.0, 0.0), (0.0, 4.0) => (0.0, 1.0));
    two!(atan2: (0.0, 0.0) => (0.0, 0.0), (0.0, 2.0) => (0.5, 0.0));
    let (d_y, d_x) = atan2::double::grad(1e200, 1e200);
    assert!((d_y - 0.5e-200).abs() < 1e-214 && (d_x + 0.5e-200).abs() < 1e-214, "no overflow on the way");
}

#[test]
fn powers_at_zero_and_below() {
    two!(powf: (0.0, 2.0) => (0.0, 0.0), (0.0, 1.0) => (1.0, 0.0), (0.0, 0.0) => (0.0, 0.0), (0.0, 0.5) => (INF, 0.0));
    let (d_x, d_p) = powf::double::grad(0.0, -1.0);
    assert!(d_x == -INF && d_p.is_nan());
    let (d_x, d_p) = powf::double::grad(-2.0, 3.0);
    assert!(d_x == 12.0 && d_p.is_nan());
    one!(zeroth: 0.0 => 0.0, 3.0 => 0.0);
    one!(first: 0.0 => 1.0, 3.0 => 1.0);
    one!(squared: 0.0 => 0.0, 3.0 => 6.0);
    one!(inverse_square: 0.0 => -INF, 2.0 => -0.25);
}

#[test]
fn signs_and_remainders() {
    two!(copysign: (0.0, -1.0) => (0.0, 0.0), (2.0, -1.0) => (-1.0, 0.0), (-2.0, -1.0) => (1.0, 0.0), (2.0, -0.0) => (-1.0, 0.0));
    two!(rem: (7.0, 2.0) => (1.0, -3.0), (-7.0, 2.0) => (1.0, 3.0));
    two!(rem_euclid: (7.0, 2.0) => (1.0, -3.0), (-7.0, 2.0) => (1.0, 4.0));
}

#[test]
fn a_clamp_gives_all_to_the_bound_it_stands_on() {
    let cases = [
        ((0.5, 0.0, 1.0), (1.0, 0.0, 0.0)),
        ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
        ((-1.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
        ((1.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        ((2.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        ((2.0, 1.0, 1.0), (0.0, 1.0, 0.0)),
        ((1.0, 1.0, 1.0), (0.0, 1.0, 0.0)),
    ];
    for ((x, lo, hi), want) in cases {
        assert_eq!(clamp::double::grad(x, lo, hi), want, "at {x} in {lo}..={hi}");
        let (d_x, d_lo, d_hi) = clamp::single::grad(x as f32, lo as f32, hi as f32);
        assert_eq!((f64::from(d_x), f64::from(d_lo), f64::from(d_hi)), want, "at {x} in {lo}..={hi}");
        let [x_dual, lo_dual, hi_dual] = Dual::variables([x, lo, hi]);
        assert_eq!(clamp::generic(x_dual, lo_dual, hi_dual).tangents(), [want.0, want.1, want.2]);
        assert_eq!(clamp::double::jvp(x, lo, hi, 1.0, 0.0, 0.0).1, want.0);
        assert_eq!(clamp::double::jvp(x, lo, hi, 0.0, 1.0, 0.0).1, want.1);
        assert_eq!(clamp::double::jvp(x, lo, hi, 0.0, 0.0, 1.0).1, want.2);
    }
    let (d_x, d_lo, d_hi) = clamp::double::grad(NAN, 0.0, 1.0);
    assert!(d_x.is_nan() && d_lo == 0.0 && d_hi == 0.0);
}

#[test]
fn partial_derivatives_neither_overflow_nor_cancel_on_the_way() {
    #[differentiable]
    fn atan(x: f64) -> f64 {
        x.atan()
    }
    #[differentiable]
    fn asinh(x: f64) -> f64 {
        x.asinh()
    }
    #[differentiable]
    fn exp_m1(x: f64) -> f64 {
        x.exp_m1()
    }
    let close = |got: f64, want: f64| assert!((got - want).abs() <= 1e-14 * want, "{got} is not {want}");
    close(atan::grad(1e150), 1e-300);
    close(asinh::grad(1e200), 1e-200);
    close(acosh::double::grad(1e200), 1e-200);
    close(exp_m1::grad(-40.0), (-40.0f64).exp());
}
