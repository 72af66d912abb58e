//! Numbers that carry their tangents: forward mode without the macro, and a second route to Hessians.

use differentiable::prelude::*;
use differentiable::{Dual, Number};
use num_dual::{DualNum, HyperDual64};

type Twice<const N: usize> = Dual<Dual<f64, N>, N>;

/// Variables that carry first and second derivatives.
fn twice<const N: usize>(x: [f64; N]) -> [Twice<N>; N] {
    Dual::variables(Dual::variables(x))
}

fn close(what: &str, got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-12 * want.abs().max(1.0), "{what}: {got} is not {want}");
}

#[differentiable(second_order)]
fn program<T: Real>(x: &[T; 4], n: usize) -> T {
    let mut s = x[0];
    let mut h = [T::ZERO; 2];
    for i in 0..n {
        s = s * (x[1] * s).cos() + x[2];
        if s > 0.5 {
            s = s.sin() * x[0];
        } else {
            s += x[3] * x[3];
        }
        h[i % 2] += s * x[i % 4];
    }
    let z: T = h.iter().map(|h| h.tanh() * *h).sum();
    (1.0 + z.exp()).ln() * s.sqrt() + x.iter().map(|x| x.powi(3)).product::<T>() - x[3].max(x[1]).atan2(2.0)
}

#[test]
fn the_gradient_and_the_hessian_of_a_program_are_those_of_the_macro() {
    let x = [0.9, 0.4, 0.7, 0.6];
    for n in 0..6 {
        let gradient = program::grad(&x, n);
        let hessian = program::hessian(&x, n);
        let y = program(&twice(x), n);
        assert_eq!(y.value().value().to_bits(), program(&x, n).to_bits());
        for i in 0..4 {
            close("gradient", y.value().tangents()[i], gradient[i]);
            close("gradient", y.tangents()[i].value(), gradient[i]);
            for j in 0..4 {
                close("Hessian", y.tangents()[i].tangents()[j], hessian[i][j]);
            }
        }
    }
}

#[test]
fn the_macro_s_gradient_runs_on_duals() {
    let x = [0.9, 0.4, 0.7, 0.6];
    let hessian = program::hessian(&x, 5);
    let gradient = program::grad(&Dual::variables(x), 5);
    for (row, gradient) in hessian.iter().zip(gradient) {
        for (want, got) in row.iter().zip(gradient.tangents()) {
            close("Hessian", got, *want);
        }
    }
}

/// The same formula over this crate's trait and over num-dual's.
macro_rules! formulas {
    ($($name:ident($x:ident, $y:ident) = $body:expr;)*) => {$(
        #[test]
        fn $name() {
            fn ours<T: Real>($x: T, $y: T) -> T {
                $body
            }
            fn theirs<T: DualNum<Primitive = f64> + Copy>($x: T, $y: T) -> T {
                $body
            }
            for (x, y) in [(0.3, 0.7), (0.8, 0.2), (0.55, 0.9)] {
                let [a, b] = twice([x, y]);
                let got = ours(a, b);
                let mixed = theirs(HyperDual64::new(x, 1.0, 0.0, 0.0), HyperDual64::new(y, 0.0, 1.0, 0.0));
                let pure = theirs(HyperDual64::new(x, 1.0, 1.0, 0.0), HyperDual64::from(y));
                close("∂x", got.value().tangents()[0], mixed.eps1);
                close("∂y", got.value().tangents()[1], mixed.eps2);
                close("∂x∂y", got.tangents()[0].tangents()[1], mixed.eps1eps2);
                close("∂y∂x", got.tangents()[1].tangents()[0], mixed.eps1eps2);
                close("∂x∂x", got.tangents()[0].tangents()[0], pure.eps1eps2);
            }
        }
    )*};
}

formulas! {
    quotients_and_roots(x, y) = (x * y / (x + y)).sqrt() - y.cbrt() * x.recip();
    exponentials_and_logarithms(x, y) = (x * y).exp() * x.exp2() + y.exp_m1() * x.ln() + (x + y).log2() * y.log10() + (x * y).ln_1p();
    circular_functions(x, y) = x.sin() * y.cos() + (x * y).tan() + x.asin() * y.acos() + (x / y).atan();
    hyperbolic_functions(x, y) = x.sinh() * y.cosh() + (x * y).tanh() + x.asinh() + (x * y).atanh();
    powers(x, y) = x.powi(5) * y.powi(-2);
}

#[test]
fn what_is_made_of_constants_is_a_constant() {
    let x = Dual::new(f64::INFINITY, [1.0]);
    let two = Dual::constant(2.0);
    assert_eq!((two * x).tangents(), [2.0], "an infinite factor does not meet the tangent of a constant");
    let zero = Dual::<f64, 1>::constant(0.0);
    assert_eq!((zero.ln() + Dual::new(1.0, [1.0])).tangents(), [1.0], "no infinite slope flows out of a constant");
    let tie = Dual::new(0.0, [3.0]);
    assert_eq!(tie.max(zero).tangents(), [0.0]);
    assert_eq!(tie.max(zero.exp() - Dual::constant(1.0)).tangents(), [0.0]);
    assert_eq!(tie.max(Dual::new(0.0, [0.0])).tangents(), [1.5], "a number that does not move now is no constant");
    assert_eq!(tie.max(tie.floor()).tangents(), [0.0], "steps depend on nothing");
}

#[test]
fn infinite_slopes_stay_in_their_direction() {
    let [x, y] = Dual::variables([0.0, 2.0]);
    for singular in [x.ln(), x.sqrt(), x.powf(Dual::constant(0.5)), -x.recip(), -Dual::constant(1.0) / x] {
        assert_eq!((singular + y).tangents(), [f64::INFINITY, 1.0]);
    }
    // a tangent that is zero here and moves is no zero
    let x = Dual::new(Dual::new(4.0, [0.0]), [Dual::new(0.0, [1.0])]);
    assert_eq!(x.sqrt().tangents()[0].tangents(), [0.25]);
}

#[test]
fn a_stopped_gradient_stops_on_duals_as_well() {
    #[derive(Clone, Differentiable)]
    struct Pair<T> {
        a: T,
        b: [T; 2],
    }
    #[differentiable]
    fn f<T: Real>(x: T) -> T {
        x * stop_gradient(x) * stop_gradient([x, x * x])[1]
    }
    assert_eq!(f(Dual::new(3.0, [1.0])).tangents(), [f::grad(3.0)]);
    let pair = Pair { a: Dual::new(1.0, [1.0]), b: Dual::variables([2.0]).map(|x| [x, x])[0] };
    let Pair { a, b } = stop_gradient(pair);
    assert_eq!((a.value(), a.tangents(), b[1].value(), b[1].tangents()), (1.0, [0.0], 2.0, [0.0]));
    let nested = stop_gradient(Dual::new(Dual::new(2.0, [1.0]), [Dual::constant(1.0)]));
    assert_eq!((nested.value().tangents(), nested.tangents()[0].value()), ([0.0], 0.0));
}

#[test]
fn comparisons_look_at_values() {
    let (a, b) = (Dual::new(1.0, [1.0]), Dual::new(1.0, [2.0]));
    assert!(a == b && a >= b && a < Dual::constant(1.5));
    assert!(Dual::<f64, 1>::constant(f64::NAN).is_nan());
}

#[test]
fn an_optimizer_carries_tangents_through_its_steps() {
    // the derivative of ten steps of gradient descent on x² by the learning rate, where x is (1 − 2·rate)^10
    let mut x = Dual::<f64, 1>::constant(1.0);
    let mut optimizer = Sgd::new(Dual::new(0.1, [1.0])).start(&x).unwrap();
    for _ in 0..10 {
        let gradient = x + x;
        optimizer.step(&mut x, &gradient).unwrap();
    }
    close("the parameter", x.value(), 0.8f64.powi(10));
    close("its derivative", x.tangents()[0], -20.0 * 0.8f64.powi(9));
}

#[test]
fn sums_and_products_of_values_and_references() {
    let x = Dual::variables([2.0, 3.0]);
    assert_eq!(x.iter().sum::<Dual<_, 2>>().tangents(), [1.0, 1.0]);
    assert_eq!(x.into_iter().product::<Dual<_, 2>>().tangents(), [3.0, 2.0]);
    let [low, high] = logsumexp(&x).tangents();
    close("the softmax", low, 1.0 / (1.0 + 1.0f64.exp()));
    close("the softmax", high, 1.0 / (1.0 + (-1.0f64).exp()));
}

/// Derivatives of a derivative at zero, where its rule asks for the sign of that zero.
#[test]
fn dual_numbers_that_nest_have_second_derivatives_at_zero() {
    type Nested = Dual<Dual<f64, 1>, 1>;
    let second = |f: fn(Nested) -> Nested, x: f64| {
        let [x] = Dual::<Dual<f64, 1>, 1>::variables(Dual::<f64, 1>::variables([x]));
        f(x).tangents()[0].tangents()[0]
    };
    for zero in [0.0, -0.0] {
        assert_eq!(second(|x| x.powf(Nested::from_f64(1.0)), zero), 0.0);
        assert_eq!(second(|x| x.powf(Nested::from_f64(1.5)), zero), f64::INFINITY);
        assert_eq!(second(|x| x.powf(Nested::from_f64(2.0)), zero), 2.0);
        assert_eq!(second(|x| x.powf(Nested::from_f64(3.0)), zero), 0.0);
        assert_eq!(second(Real::ln, zero), f64::NEG_INFINITY);
        assert_eq!(second(Real::sqrt, zero), f64::NEG_INFINITY);
    }
}

/// Functions whose second derivatives by nested duals are compared with those of `hvp`.
macro_rules! second_derivatives {
    ($($name:ident: $x:ident => $value:expr;)*) => {
        $(
            #[differentiable(second_order)]
            fn $name<T: Real>($x: T) -> T {
                $value
            }
        )*

        #[test]
        fn nested_duals_give_the_second_derivatives_at_zero_and_outside_of_domains() {
            for at in [0.0f64, -0.0, 1.0, -1.0, -2.0, 0.5, 2.0] {
                $({
                    let x = Dual::new(Dual::new(at, [1.0]), [Dual::constant(1.0)]);
                    let [slope] = $name(x).tangents();
                    let [second] = slope.tangents();
                    let is_near = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * a.abs();
                    let expected = ($name::grad(at), $name::hvp(at, 1.0));
                    let found = (slope.value(), second);
                    let name = stringify!($name);
                    assert!(is_near(expected.0, found.0) && is_near(expected.1, found.1), "{name} at {at}: {found:?} for {expected:?}");
                })*
            }
        }
    };
}

second_derivatives! {
    over: x => x.powi(-1);
    over_square: x => x.powi(-2);
    over_cube: x => x.powi(-3);
    over_fourth: x => x.powi(-4);
    over_seventh: x => x.powi(-7);
    twelfth: x => x.powi(12);
    thirteenth: x => x.powi(13);
    cube_root: x => x.cbrt();
    root: x => x.sqrt();
    logarithm: x => x.ln();
    by_base: x => x.log(T::from_f64(3.0));
    of_base: x => T::from_f64(3.0).log(x);
    log_of_both: x => (x + T::from_f64(0.25)).log(x);
    shifted: x => x.ln_1p();
    area: x => x.atanh();
    power: x => x.powf(T::from_f64(2.5));
    over_power: x => x.powf(T::from_f64(-1.5));
    power_of_zero: x => T::from_f64(0.0).powf(x);
    angle: x => x.atan2(T::from_f64(2.0));
    limited: x => x.clamp(T::from_f64(-1.0), T::from_f64(1.0));
    positive: x => x.relu();
    magnitude: x => x.abs();
    larger: x => x.max(T::from_f64(0.0));
    larger_of_both: x => x.max(x * x);
    distance: x => x.hypot(T::from_f64(0.0));
    distance_of_multiples: x => (x * T::from_f64(2.0)).hypot(x);
    direction: x => T::from_f64(0.0).atan2(x);
    direction_of_multiples: x => (x * T::from_f64(2.0)).atan2(x);
}
