//! Functions that call themselves, and each other.

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[differentiable]
fn power(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

#[test]
fn a_function_calls_itself() {
    assert_eq!(power::grad(2.0, 5), 80.0);
    assert_eq!(power::jvp(2.0, 5, 1.0), (32.0, 80.0));
}

/// The determinant by minors along the first row.
#[differentiable]
fn determinant(a: &[f64], n: usize) -> f64 {
    if n == 1 {
        return a[0];
    }
    let mut total = 0.0;
    let mut sign = 1.0;
    for column in 0..n {
        let mut minor = vec![0.0; (n - 1) * (n - 1)];
        for i in 1..n {
            let mut at = 0;
            for j in 0..n {
                if j == column {
                    continue;
                }
                minor[(i - 1) * (n - 1) + at] = a[i * n + j];
                at += 1;
            }
        }
        total += sign * a[column] * determinant(&minor, n - 1);
        sign = -sign;
    }
    total
}

#[test]
fn a_determinant_by_minors() {
    #[differentiable]
    fn f(a: &[f64; 16]) -> f64 {
        determinant(a, 4)
    }
    let point: Vec<f64> = (0..16).map(|i| ((i * 7 % 11) as f64 - 4.0) * 0.3).collect();
    agrees!(f, 16, point);
}

#[differentiable(recursive)]
fn even(x: f64, n: usize) -> f64 {
    if n == 0 {
        return x.sin();
    }
    let inner = odd(x * 0.9, n - 1);
    inner * inner + x
}

#[differentiable(recursive)]
fn odd(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { even(x + 0.1, n - 1) * x }
}

#[test]
fn functions_call_each_other() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        even(x[0], 4) * odd(x[1], 3) + even(x[0] * x[1], 1)
    }
    agrees!(f, 2, [0.7, -0.4], [1.1, 0.3]);
}

/// Squares its argument in place so often.
#[differentiable]
fn square_in_place(x: &mut [f64; 2], times: usize) {
    if times == 0 {
        return;
    }
    x[0] *= x[0];
    x[1] += x[0];
    square_in_place(x, times - 1);
    x[1] *= x[0];
}

#[test]
fn recursion_that_changes_its_argument() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut y = *x;
        square_in_place(&mut y, 2);
        y[0] * y[1]
    }
    agrees!(f, 2, [0.7, -0.4], [1.1, 0.3]);
}

#[derive(Clone, Copy)]
struct Tree {
    depth: usize,
}

impl Tree {
    #[differentiable(wrt(x))]
    fn fold(&self, x: f64) -> f64 {
        if self.depth == 0 {
            return x.cos();
        }
        let inner = Self { depth: self.depth - 1 };
        inner.fold(x * 0.5) * Self::twice(x, self.depth) + inner.fold(x + 1.0)
    }

    #[differentiable(associated)]
    fn twice(x: f64, n: usize) -> f64 {
        if n == 0 { x } else { Self::twice(x * 1.1, n - 1) + x }
    }
}

#[test]
fn methods_call_themselves() {
    #[differentiable]
    fn f(x: &[f64; 1]) -> f64 {
        let tree = Tree { depth: 3 };
        tree.fold(x[0])
    }
    agrees!(f, 1, [0.7], [-1.3]);
}

#[differentiable]
fn generic_power<T: Real>(x: T, n: usize) -> T {
    if n == 0 { 1.0 } else { generic_power(x, n - 1) * x }
}

#[test]
fn generic_functions_call_themselves() {
    assert_eq!(generic_power::grad(2.0f32, 3), 12.0);
    assert_eq!(generic_power::grad(2.0f64, 3), 12.0);
}
