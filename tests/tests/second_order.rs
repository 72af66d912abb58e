//! Hessian-vector products: against num-dual's exact second derivatives, and against differences of the gradient.

use differentiable::prelude::*;
use num_dual::{Dual2_64, DualNum};

/// Functions of one number, with the same formula over num-dual.
macro_rules! second_derivatives {
    ($($name:ident($x:ident) = $body:expr, $oracle:expr, $($at:expr),+;)*) => {$(
        #[test]
        fn $name() {
            #[differentiable(second_order)]
            fn f($x: f64) -> f64 {
                $body
            }
            let oracle: fn(Dual2_64) -> Dual2_64 = $oracle;
            for x in [$($at),+] {
                let want = oracle(Dual2_64::new(x, 1.0, 0.0)).v2;
                let got = f::hvp(x, 1.0);
                assert!((got - want).abs() <= 1e-12 * want.abs().max(1.0), "at {x}: {got} is not {want}");
            }
        }
    )*};
}

second_derivatives! {
    products_and_quotients(x) = x * x * x / (1.0 + x), |x| x * x * x / (x + 1.0), 0.3, 2.0;
    exponentials(x) = x.exp() + x.exp2() + x.exp_m1(), |x| x.exp() + x.exp2() + x.exp_m1(), -1.0, 0.7;
    logarithms(x) = x.ln() + x.log2() + x.log10() + x.ln_1p(), |x| x.ln() + x.log2() + x.log10() + x.ln_1p(), 0.3, 2.0;
    roots(x) = x.sqrt() + x.cbrt() + x.recip(), |x| x.sqrt() + x.cbrt() + x.recip(), 0.3, 2.0;
    powers(x) = x.powi(5) + x.powi(-2) + x.powf(1.7), |x| x.powi(5) + x.powi(-2) + x.powf(1.7), 0.3, 2.0;
    circular(x) = x.sin() * x.cos() + x.tan(), |x| x.sin() * x.cos() + x.tan(), -0.4, 1.1;
    inverse_circular(x) = x.asin() + x.acos() * x + x.atan(), |x| x.asin() + x.acos() * x + x.atan(), -0.4, 0.6;
    hyperbolic(x) = x.sinh() + x.cosh() + x.tanh(), |x| x.sinh() + x.cosh() + x.tanh(), -0.4, 1.1;
    inverse_hyperbolic(x) = x.asinh() + (x + 2.0).acosh() + x.atanh(), |x| x.asinh() + (x + 2.0).acosh() + x.atanh(), -0.4, 0.6;
}

#[derive(Clone, Debug, Differentiable)]
struct Params {
    w: [[f64; 2]; 2],
    b: f64,
}

#[differentiable(wrt(p, x), second_order)]
fn program(p: &Params, x: f64, n: usize) -> f64 {
    let mut s = x;
    let mut h = [0.0; 2];
    for i in 0..n {
        s = s * (p.w[0][1] * s).cos() + p.b;
        if s > 0.5 {
            s = s.sin() * x;
        } else {
            s += p.w[1][0] * p.w[1][0];
        }
        h[i % 2] += s * p.w[i % 2][1];
    }
    let z: f64 = h.iter().map(|h| (*h).tanh() * h).sum();
    (1.0 + z.exp()).ln() * s.sqrt() + p.w[0].iter().zip(&p.w[1]).map(|(a, b)| (*a).powi(3) * b).sum::<f64>()
}

#[test]
fn a_program_with_loops_branches_and_memory() {
    let p = Params { w: [[0.3, 0.4], [0.5, 0.6]], b: 0.7 };
    let direction = Params { w: [[1.0, -2.0], [0.5, 0.25]], b: -0.3 };
    for n in 0..6 {
        let gradient = |e: f64| {
            let mut moved = p.clone();
            Params::leaves([&mut moved], [&direction], &mut |[to], [by]| {
                to.iter_mut().zip(by).for_each(|(to, by)| *to += e * by)
            });
            program::grad(&moved, 0.9 + 2.0 * e, n)
        };
        let (product, product_x) = program::hvp(&p, 0.9, n, &direction, 2.0);
        let (plus, minus) = (gradient(1e-5), gradient(-1e-5));
        let close =
            |got: f64, want: f64| assert!((got - want).abs() < 1e-6 * want.abs().max(1.0), "{n} steps: {got} is not {want}");
        close(product_x, (plus.1 - minus.1) / 2e-5);
        Params::leaves([], [&product, &plus.0, &minus.0], &mut |[]: [&mut [f64]; 0], [product, plus, minus]| {
            for ((product, plus), minus) in product.iter().zip(plus).zip(minus) {
                close(*product, (plus - minus) / 2e-5);
            }
        });
    }
}

#[test]
fn the_hessian_of_the_rosenbrock_function_is_symmetric_and_exact() {
    #[differentiable(second_order)]
    fn rosenbrock(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for i in 0..x.len() - 1 {
            total += 100.0 * (x[i + 1] - x[i] * x[i]).powi(2) + (1.0 - x[i]).powi(2);
        }
        total
    }
    let x = [1.0, 1.0, 1.0];
    let column = |i: usize| rosenbrock::hvp(&x, &std::array::from_fn::<f64, 3, _>(|j| f64::from(u8::from(i == j))));
    assert_eq!([column(0), column(1), column(2)], [[802.0, -400.0, 0.0], [-400.0, 1002.0, -400.0], [0.0, -400.0, 200.0]]);
}

#[test]
fn powers_have_their_second_derivatives_at_zero_and_near_it() {
    #[differentiable(second_order, wrt(x))]
    fn power(x: f64, n: i32) -> f64 {
        x.powi(n)
    }
    #[differentiable(second_order)]
    fn cube(x: f64) -> f64 {
        x.powi(3)
    }
    for (n, second) in [(0, 0.0), (1, 0.0), (2, 2.0), (3, 0.0), (4, 0.0), (-1, f64::INFINITY), (-2, f64::INFINITY)] {
        assert_eq!(power::hessian(0.0, n), second, "of the power {n}");
    }
    assert_eq!(power::hessian(1e-200, 3), 6e-200);
    assert_eq!(power::hessian(1e200, -1), 0.0);
    assert_eq!(cube::hessian(0.0), 0.0);
}

/// Where the second derivatives of a power have limits from above, at a base of zero, they are these.
#[test]
fn powers_of_zero_have_second_derivatives() {
    #[differentiable(second_order)]
    fn power(x: f64, p: f64) -> f64 {
        x.powf(p)
    }
    const INF: f64 = f64::INFINITY;
    for (p, bend) in [(1.5, INF), (2.0, 2.0), (2.5, 0.0), (3.0, 0.0)] {
        for zero in [0.0, -0.0] {
            assert_eq!(power::hessian(zero, p), ((bend, 0.0), (0.0, 0.0)), "at {zero}, {p}");
        }
    }
    for (p, bend, mixed) in [(0.0, 0.0, INF), (0.5, -INF, -INF), (1.0, 0.0, -INF)] {
        assert_eq!(power::hessian(0.0, p), ((bend, mixed), (mixed, 0.0)), "at 0, {p}");
    }
    let ((_, mixed), (_, twice)) = power::hessian(-2.0, 3.0);
    assert!(mixed.is_nan() && twice.is_nan());
    let ((_, mixed), (_, twice)) = power::hessian(0.0, -1.0);
    assert!(mixed.is_nan() && twice.is_nan());
}

/// Digits are kept where the power itself has none left.
#[test]
fn powers_of_small_and_of_large_numbers_have_second_derivatives() {
    #[differentiable(second_order)]
    fn power(x: f64, p: f64) -> f64 {
        x.powf(p)
    }
    let ((bend, mixed), (_, twice)) = power::hessian(1e-200, 1.6);
    let log = 1e-200_f64.ln();
    let close = |got: f64, want: f64| assert!((got - want).abs() <= 1e-12 * want.abs(), "{got} is not {want}");
    close(bend, 1.6 * 0.6 * 1e-200_f64.powf(-0.4));
    close(mixed, 1e-200_f64.powf(0.6) * (1.0 + 1.6 * log));
    assert!((0.0..1e-300).contains(&twice));
}
