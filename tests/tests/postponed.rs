//! Adjoints of several arrays that are given the same number by one loop: what a later loop adds to is computed there.

use differentiable::prelude::*;
use differentiable_compiler::differentiable;
use differentiable_tests::{agrees, agrees_twice, halves_agree};
use quote::quote;

fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 37 + 11) % 101) as f64 / 70.0 - 0.7).collect()
}

/// Slopes that reach each other's elements, for arrays of a length.
macro_rules! of_length {
    ($name:ident, $n:literal) => {
        mod $name {
            use super::*;

            pub const N: usize = $n;

            #[differentiable(second_order)]
            pub fn slope(x: &[f64; N], y: &[f64; N]) -> [f64; N] {
                let mut result = [0.0; N];
                for i in 0..N {
                    result[i] = x[i] - x[N - 1 - i] * y[i] * y[i];
                }
                result
            }

            /// Each slope but the last is added to by a later loop.
            #[differentiable(second_order)]
            pub fn weighted(x: &[f64; N]) -> f64 {
                let h = 0.2;
                let mut y = [0.1; N];
                for _ in 0..3 {
                    let k1 = slope(x, &y);
                    let mut stage = [0.0; N];
                    for i in 0..N {
                        stage[i] = y[i] + h * k1[i];
                    }
                    let k2 = slope(x, &stage);
                    for i in 0..N {
                        stage[i] = y[i] - h * k2[i];
                    }
                    let k3 = slope(x, &stage);
                    for i in 0..N {
                        y[i] += h * (k1[i] - 2.0 * k2[i] + k3[i]);
                    }
                }
                let mut total = 0.0;
                for i in 0..N {
                    total += (1.0 + i as f64) * y[i] * y[i];
                }
                total
            }

            pub fn check() {
                agrees_twice!(weighted, $n, point($n));
                halves_agree!(weighted, $n, point($n).try_into().expect("so many"));
            }
        }
    };
}

of_length!(one, 1);
of_length!(seven, 7);
of_length!(eight, 8);
of_length!(nine, 9);
of_length!(seventeen, 17);

#[test]
fn weighted_slopes_flow_back_at_every_length() {
    one::check();
    seven::check();
    eight::check();
    nine::check();
    seventeen::check();
}

const FIVE: usize = 5;

#[differentiable]
fn slope_of_five(x: &[f64; FIVE], y: &[f64; FIVE]) -> [f64; FIVE] {
    let mut result = [0.0; FIVE];
    for i in 0..FIVE {
        result[i] = x[i] * y[FIVE - 1 - i] + 0.5 * y[i];
    }
    result
}

#[test]
fn what_holds_the_number_may_be_added_to_before() {
    // `b` has the number that `a` begins with until the stage of `d` adds to it
    #[differentiable]
    fn both(x: &[f64; FIVE]) -> f64 {
        let mut y = [0.3; FIVE];
        for _ in 0..2 {
            let a = slope_of_five(x, &y);
            let mut stage = [0.0; FIVE];
            for i in 0..FIVE {
                stage[i] = y[i] + 0.3 * a[i];
            }
            let b = slope_of_five(x, &stage);
            for i in 0..FIVE {
                stage[i] = y[i] - 0.4 * b[i];
            }
            let d = slope_of_five(x, &stage);
            for i in 0..FIVE {
                y[i] += 0.1 * (a[i] + b[i] + 2.0 * d[i]);
            }
        }
        let mut total = 0.0;
        for i in 0..FIVE {
            total += y[i] * y[i];
        }
        total
    }
    agrees!(both, 5, point(5), [0.5; 5]);
}

#[test]
fn a_call_in_between_may_use_the_adjoint_or_its_number() {
    #[differentiable]
    fn used(x: &[f64; FIVE]) -> f64 {
        let mut y = [0.3; FIVE];
        for _ in 0..2 {
            let a = slope_of_five(x, &y);
            let mut stage = [0.0; FIVE];
            for i in 0..FIVE {
                stage[i] = y[i] + 0.5 * a[i];
            }
            let b = slope_of_five(&a, &stage);
            let c = slope_of_five(&b, &a);
            for i in 0..FIVE {
                y[i] = y[i] * 0.5 + 0.3 * (a[i] + b[i] + c[i]);
            }
        }
        let mut total = 0.0;
        for i in 0..FIVE {
            total += (1.0 + i as f64) * y[i] * y[i];
        }
        total
    }
    agrees!(used, 5, point(5), [0.5; 5]);
}

#[test]
fn loops_over_other_ranges_and_factors_that_change_stay() {
    #[differentiable]
    fn changing(x: &[f64; FIVE], rate: &[f64]) -> f64 {
        let mut y = [0.3; FIVE];
        let mut h = 0.2;
        for r in rate {
            let a = slope_of_five(x, &y);
            let mut stage = [0.0; FIVE];
            for i in 0..FIVE {
                stage[i] = y[i] + h * a[i];
            }
            h *= *r;
            let b = slope_of_five(x, &stage);
            for i in 1..FIVE {
                stage[i] = y[i] - h * b[i];
            }
            h += 0.01;
            let c = slope_of_five(x, &stage);
            for i in 0..FIVE {
                y[i] += h * a[i] + h * b[i] + h * 2.0 * c[i];
            }
        }
        let mut total = 0.0;
        for i in 0..FIVE {
            total += y[i] * y[i];
        }
        total
    }
    let x: [f64; FIVE] = point(FIVE).try_into().expect("so many");
    let rate = [0.9, 1.1, 0.7];
    let (value, (dx, dr)) = changing::value_and_grad(&x, &rate);
    assert_eq!(value.to_bits(), changing(&x, &rate).to_bits());
    for i in 0..FIVE {
        let mut dot = [0.0; FIVE];
        dot[i] = 1.0;
        let tangent = changing::jvp(&x, &rate, &dot, &[0.0; 3]).1;
        assert!((tangent - dx[i]).abs() < 1e-12, "{i}: {tangent} {}", dx[i]);
    }
    for i in 0..3 {
        let mut dot = [0.0; 3];
        dot[i] = 1.0;
        let tangent = changing::jvp(&x, &rate, &[0.0; FIVE], &dot).1;
        assert!((tangent - dr[i]).abs() < 1e-12, "{i}: {tangent} {}", dr[i]);
    }
}

#[test]
fn one_sequence_less_is_written_for_each_that_is_added_to() {
    let text = differentiable(
        quote!(),
        quote!(
            fn heun(x: &[f64; N]) -> f64 {
                let mut y = [0.0; N];
                for _ in 0..3 {
                    let k1 = slope(x, &y);
                    let mut stage = [0.0; N];
                    for i in 0..N {
                        stage[i] = y[i] + 0.1 * k1[i];
                    }
                    let k2 = slope(x, &stage);
                    for i in 0..N {
                        y[i] += 0.5 * (k1[i] + k2[i]);
                    }
                }
                y.iter().sum()
            }
        ),
    )
    .to_string();
    let start = text.find("fn __fused").expect("both sweeps");
    let fused = &text[start..start + text[start..].find("fn __split").expect("the halves")];
    assert!(fused.contains("k1_bar_2 [i] = k2_bar_2 [i] +"), "{fused}");
    assert_eq!(fused.matches("k1_bar_2 [").count(), 1, "{fused}");
}
