//! Stencils whose reverse gathers what neighbours give, for as many elements at once as there are.

use differentiable::prelude::*;
use differentiable_compiler::differentiable;
use differentiable_tests::{agrees, agrees_twice};
use quote::quote;

/// Numbers that round differently in another order, of a size for products of some.
fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| ((i * 37 + 11) % 101) as f64 / 70.0 - 0.7).collect()
}

/// A sum of squares whose weights differ, so that no element flows back like another.
#[differentiable]
fn weighted(y: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..y.len() {
        total += (1.0 + 0.1 * i as f64) * y[i] * y[i];
    }
    total
}

/// Compares a function of a slice with differences at lengths around those of one, two and three strips.
macro_rules! agrees_at_lengths {
    ($function:ident) => {
        for length in [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 17, 18, 19, 20, 21, 26, 34, 35, 52] {
            agrees!($function: point(length));
        }
    };
}

#[test]
fn each_element_takes_what_it_is_given_from_both_sides() {
    #[differentiable]
    fn both(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = vec![0.25; n];
        for i in 1..n - 1 {
            y[i] = x[i] - 0.3 * x[i] * (x[i + 1] - x[i - 1]);
        }
        weighted(&y)
    }
    for length in 2..54 {
        agrees!(both: point(length));
    }
}

#[test]
fn contributions_may_lie_on_one_side_and_have_gaps() {
    #[differentiable]
    fn ahead(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = vec![0.0; n];
        for i in 0..n.max(3) - 3 {
            y[i] = x[i + 3] * x[i + 1] - x[i + 1];
        }
        weighted(&y)
    }
    agrees_at_lengths!(ahead);
    #[differentiable]
    fn behind(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = vec![0.0; n];
        for i in 4..n {
            y[i] = 0.5 * x[i - 4] * x[i - 2] + x[i - 4];
        }
        weighted(&y)
    }
    agrees_at_lengths!(behind);
    #[differentiable]
    fn wide(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = vec![0.0; n];
        for i in 4..n - 4 {
            y[i] = x[i - 4] * x[i] - x[i + 4];
        }
        weighted(&y)
    }
    for length in 8..54 {
        agrees!(wide: point(length));
    }
}

#[test]
fn several_sequences_are_added_to_at_distances_of_their_own() {
    #[differentiable]
    fn several(x: &[f64]) -> f64 {
        let n = x.len() / 2;
        let (mut u, mut c, mut y) = (vec![0.0; n], vec![0.0; n], vec![0.5; n]);
        for i in 0..n {
            u[i] = x[i].sin();
            c[i] = x[n + i] * x[i];
        }
        for i in 1..n - 1 {
            let slope = u[i + 1] - u[i - 1];
            y[i] = c[i] * slope * slope - c[i + 1] * u[i];
        }
        weighted(&y)
    }
    for length in [4, 5, 8, 20, 21, 36, 38, 70, 72] {
        agrees!(several: point(length));
    }
}

#[test]
fn an_element_that_keeps_its_adjoint_is_read_and_not_set_to_zero() {
    // `y` is read afterwards where it was written and where it was not
    #[differentiable]
    fn read_twice(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = x.to_vec();
        let mut z = vec![0.0; n];
        for i in 1..n - 1 {
            z[i] = y[i + 1] * y[i] - 0.5 * y[i - 1];
        }
        for i in 1..n - 1 {
            y[i] = z[i - 1] - z[i] * z[i + 1];
        }
        weighted(&y) + weighted(&z)
    }
    for length in 2..40 {
        agrees!(read_twice: point(length));
    }
}

/// A step in a function of its own.
#[differentiable(wrt(u, next), second_order)]
fn step(u: &[f64], next: &mut [f64]) {
    for i in 1..u.len() - 1 {
        next[i] = u[i] + 0.2 * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
    }
}

#[test]
fn steps_that_are_called_have_all_derivatives() {
    #[differentiable(second_order)]
    fn steps(x: &[f64; 23]) -> f64 {
        let (mut u, mut next) = (*x, *x);
        for _ in 0..3 {
            step(&u, &mut next);
            std::mem::swap(&mut u, &mut next);
        }
        u.iter().map(|u| u * u * u).sum()
    }
    let x: [f64; 23] = point(23).try_into().expect("the length");
    agrees_twice!(steps, 23, x);
    #[differentiable(second_order)]
    fn in_place(x: &[f64; 23]) -> f64 {
        let (mut u, mut next) = (*x, *x);
        for _ in 0..3 {
            for i in 2..21 {
                next[i] = u[i] * u[i - 2] - 0.5 * u[i + 2] * u[i + 1];
            }
            std::mem::swap(&mut u, &mut next);
        }
        u.iter().map(|u| u * u * u).sum()
    }
    agrees_twice!(in_place, 23, x);
}

#[test]
fn an_adjoint_that_no_caller_wants_is_not_added_to() {
    for length in [3, 12, 40] {
        let (u, mut next) = (point(length), point(length));
        let mut d_next = vec![1.0; length];
        let mut d_u = vec![0.0; length];
        step::vjp(&u, &mut next, &mut d_u, &mut d_next);
        assert!(d_next[1..length - 1].iter().all(|d| *d == 0.0) && d_next[0] == 1.0 && d_next[length - 1] == 1.0);
    }
    #[differentiable(wrt(scale))]
    fn of_constants(u: &[f64], scale: f64) -> f64 {
        let mut next = vec![scale; u.len()];
        step(u, &mut next);
        next[0] * next[u.len() - 1]
    }
    assert_eq!(of_constants::value_and_grad(&point(40), 3.0), (9.0, 6.0));
}

/// Rows around the one that an element is in.
#[differentiable(second_order)]
fn plate(x: &[f64; 60]) -> f64 {
    let mut now = [[0.0; 20]; 3];
    for i in 0..3 {
        for j in 0..20 {
            now[i][j] = x[20 * i + j];
        }
    }
    let mut next = now;
    for _ in 0..2 {
        for j in 1..19 {
            next[1][j] = now[1][j] + 0.1 * (now[0][j] + now[2][j] + now[1][j - 1] + now[1][j + 1] - 4.0 * now[1][j]) * now[1][j];
        }
        for i in 0..2 {
            for j in 0..20 {
                next[2 * i][j] = now[i][j] * now[i + 1][j] - 0.5 * now[2 - i][j];
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    let mut total = 0.0;
    for row in &now {
        for u in row {
            total += u * u * u;
        }
    }
    total
}

#[test]
fn rows_beside_the_own_one_take_what_they_are_given() {
    let x: [f64; 60] = point(60).try_into().expect("the length");
    agrees_twice!(plate, 60, x);
    /// Rows of any number and length, which are one and the same where the sum of two indices says so.
    #[differentiable(wrt(x))]
    fn any(x: &[Vec<f64>], steps: usize) -> f64 {
        let (n, m) = (x.len(), x[0].len());
        let (mut now, mut next) = (x.to_vec(), x.to_vec());
        for step in 0..steps {
            for i in 1..n - 1 {
                let k = (i + step) % n;
                for j in 2..m - 1 {
                    let around = now[i - 1][j] + now[k][j + 1] - now[i][j - 2] * now[i + 1][j];
                    next[i][j] = now[k][j] - 0.2 * around * now[i][j];
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
        let mut total = 0.0;
        for i in 0..n {
            for j in 0..m {
                total += (1.0 + 0.01 * (i * m + j) as f64) * now[i][j] * now[i][j];
            }
        }
        total
    }
    for (rows, length) in [(3, 3), (3, 4), (4, 11), (3, 12), (5, 13), (3, 20), (4, 21), (3, 22), (3, 40)] {
        let x: Vec<Vec<f64>> = point(rows * length).chunks(length).map(<[f64]>::to_vec).collect();
        for steps in [0, 1, 3] {
            let (value, gradient) = any::value_and_grad(&x, steps);
            assert_eq!(value.to_bits(), any(&x, steps).to_bits());
            for at in 0..rows * length {
                let mut along = vec![vec![0.0; length]; rows];
                along[at / length][at % length] = 1.0;
                let (same, tangent) = any::jvp(&x, steps, &along);
                assert_eq!(value.to_bits(), same.to_bits());
                let number = gradient[at / length][at % length];
                assert!(
                    (number - tangent).abs() <= 1e-12 * tangent.abs().max(1.0),
                    "{rows}, {length}, {steps}: {number} {tangent}"
                );
            }
        }
    }
}

/// The text of all derivatives of a function with such a loop.
fn expanded(body: proc_macro2::TokenStream) -> String {
    let function = quote!(
        fn stencil(u: &[f64], v: &mut [f64], k: f64) {
            for i in 1..u.len() - 1 {
                #body
            }
        }
    );
    let text = differentiable(quote!(wrt(u, v)), function).to_string();
    assert!(!text.contains("compile_error"), "{text}");
    text
}

#[test]
fn what_costs_little_is_gathered() {
    let gathers = |body| expanded(body).contains("next_left");
    assert!(gathers(quote!(v[i] = u[i] - k * u[i] * (u[i + 1] - u[i - 1]);)));
    // rows of a matrix, in a loop over another index
    let plate = differentiable(
        quote!(),
        quote!(
            fn plate(u: &[[f64; 40]; 40], v: &mut [[f64; 40]; 40]) {
                for i in 1..39 {
                    for j in 1..39 {
                        v[i][j] = (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]) * u[i][j];
                    }
                }
            }
        ),
    );
    assert!(plate.to_string().contains("next_left"));
    // all that is added goes to one distance, so that nothing has to meet
    assert!(!gathers(quote!(v[i] = k * u[i] * u[i] * u[i] * u[i];)));
    // a division would be computed for each of three elements
    assert!(!gathers(quote!(v[i] = u[i - 1] * u[i] / u[i + 1];)));
    // the index is more than an index
    assert!(!gathers(quote!(v[i] = u[i] - i as f64 * u[i] * (u[i + 1] - u[i - 1]);)));
}
