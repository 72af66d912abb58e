//! Derivatives of `const` functions, in constants and at run time.

#![allow(clippy::assign_op_pattern, clippy::misrefactored_assign_op, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[differentiable]
const fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
const fn choice(x: &[f64; 2]) -> f64 {
    let a = 3.0 * x[0] * x[0] - x[1];
    if x[0] > 1.0 {
        a * x[0]
    } else {
        match x[0] > 0.0 {
            true => a + x[0],
            false => -a / x[1],
        }
    }
}

#[differentiable]
const fn dot(x: &[f64; 3], y: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    while i < 3 {
        s += x[i] * y[i];
        i += 1;
    }
    s
}

#[differentiable]
const fn power(x: &[f64; 1]) -> f64 {
    let mut p = 1.0;
    let mut i = 0;
    while i < 5 {
        p = p * x[0] + 0.5;
        i += 1;
    }
    p
}

#[differentiable]
const fn product(x: &[f64; 3]) -> f64 {
    let mut p = 1.0;
    let mut i = x.len();
    while i > 0 {
        i -= 1;
        p *= x[i] * p;
    }
    p
}

#[differentiable]
const fn calls(x: &[f64; 2]) -> f64 {
    square(x[0]) * 3.0 + choice(x)
}

#[differentiable]
const fn matrix(a: &[[f64; 2]; 2]) -> f64 {
    let b = [a[0][0] * 2.0, a[1][1]];
    let mut c = [0.0; 2];
    c[0] = b[0] * b[1];
    c[1] += a[0][1] / a[1][0];
    let d = c;
    d[0] - c[1] * d[1]
}

#[test]
fn a_gradient_is_a_constant() {
    const SLOPE: f64 = square::grad(2.0);
    const BOTH: (f64, [f64; 2]) = choice::value_and_grad(&[2.0, 1.0]);
    const PAIR: ([f64; 3], [f64; 3]) = dot::grad(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]);
    const BLOCK: [[f64; 2]; 2] = matrix::grad(&[[1.0, 2.0], [4.0, 3.0]]);
    assert_eq!(SLOPE, 4.0);
    assert_eq!(BOTH, (22.0, [35.0, -2.0]));
    assert_eq!(PAIR, ([4.0, 5.0, 6.0], [1.0, 2.0, 3.0]));
    assert_eq!(BLOCK, [[6.0, -0.25], [0.125, 2.0]]);
}

#[test]
fn a_table_of_gradients_is_a_constant() {
    static TABLE: [f64; 8] = {
        let mut table = [0.0; 8];
        let mut i = 0;
        while i < 8 {
            table[i] = square::grad(i as f64);
            i += 1;
        }
        table
    };
    assert_eq!(TABLE, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]);
}

#[test]
fn sweeps_with_records_and_calls_are_constants() {
    const POWER: [f64; 1] = power::grad(&[1.1]);
    const PRODUCT: [f64; 3] = product::grad(&[1.0, 2.0, 3.0]);
    const CALLS: [f64; 2] = calls::grad(&[2.0, 1.0]);
    assert_eq!(POWER, power::grad(&std::hint::black_box([1.1])));
    assert_eq!(PRODUCT, product::grad(&std::hint::black_box([1.0, 2.0, 3.0])));
    assert_eq!(CALLS, [47.0, -2.0]);
}

#[test]
fn both_modes_are_constants() {
    const REVERSE: (f64, f64) = {
        let mut slope = 1.0;
        let value = square::vjp(3.0, 2.0, &mut slope);
        (value, slope)
    };
    const FORWARD: (f64, f64) = dot::jvp(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], &[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0]);
    assert_eq!(REVERSE, (9.0, 13.0));
    assert_eq!(FORWARD, (32.0, 6.0));
}

#[test]
fn they_are_right_at_run_time() {
    agrees!(choice, 2, [2.0, 1.0], [0.5, 1.5], [-0.5, 1.5]);
    agrees!(power, 1, [1.1]);
    agrees!(product, 3, [1.1, 0.3, 0.7]);
    agrees!(calls, 2, [0.7, 1.5]);
}

#[test]
fn loops_that_count_are_right_at_run_time() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let n = x.len();
        let mut s = 1.0;
        let mut i = 0;
        while i < n {
            s = s * x[i] + 1.0;
            i += 1;
        }
        let mut j = n;
        while j > 0 {
            j -= 1;
            s += x[j] * j as f64 * s;
        }
        let mut k = 1;
        while k <= 2 {
            s *= x[k];
            let mut m = 0;
            while m < k {
                s += x[m];
                m += 1;
            }
            k = k + 1;
        }
        let mut odd = 0;
        while odd < 3 {
            s *= 1.5;
            odd += 1;
            if odd == 2 {
                odd += 1;
            }
        }
        let mut late = 5;
        while late < 3 {
            s *= 7.0;
            late += 1;
        }
        s * (i + j + k + odd + late) as f64
    }
    agrees!(f: [0.3, 0.4, 0.8]);
}
