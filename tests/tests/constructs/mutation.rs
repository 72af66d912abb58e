//! What is overwritten in place.

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;

#[test]
fn arrays_in_place() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut a = *x;
        let before = a[0] * a[0];
        a[0] = a[1].sin();
        a[1] = a[0] * before;
        a[0] * a[1] * a[2]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[differentiable(second_order)]
fn smooth(values: &mut [f64], weight: f64) {
    for i in 1..values.len() {
        values[i] = values[i] * values[i - 1] + weight * values[i].cos();
    }
}

#[test]
fn slices_in_place() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = *x;
        smooth(&mut a[1..], x[0]);
        a[1] * a[2] * a[3]
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn swaps() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut a = *x;
        a.swap(0, 2);
        a[0] *= a[1];
        let (mut p, mut q) = (a[0], a[2]);
        std::mem::swap(&mut p, &mut q);
        (p, q) = (q * p, p);
        p * q.sin() * a[1]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn copies_from_slices() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = [1.0; 3];
        a[0] = x[0] * x[0];
        a[1..].copy_from_slice(&x[2..]);
        a[2] *= a[0];
        a[0] * a[1] * a[2] * x[1]
    }
    agrees_twice!(f, 4, [0.7, 0.2, 1.1, 0.4]);
}

#[test]
fn fills() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut a = [x[0]; 4];
        let before = a[1] * x[1];
        a[1..3].fill(x[1] * x[1]);
        a[0] * a[1] * a[2] * before
    }
    agrees_twice!(f, 2, [0.7, 0.2]);
}

#[test]
fn conditional_overwrite() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = x[0] * x[1];
        for v in x {
            if *v > 0.5 {
                y = y * v;
            }
        }
        y
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn sums_into_elements_that_are_read_again() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut a = *x;
        for i in 0..3 {
            a[(i + 1) % 3] += a[i] * a[i];
            a[i] -= a[(i + 2) % 3];
        }
        a[0] * a[1] * a[2]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}

#[test]
fn mutable_parameters() {
    #[differentiable(second_order)]
    fn step(state: &mut [f64; 2], h: f64) -> f64 {
        let energy = state[0] * state[1];
        state[1] -= h * state[0].sin();
        state[0] += h * state[1];
        energy
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut state = [x[0], x[1]];
        let first = step(&mut state, x[2]);
        let second = step(&mut state, first);
        state[0] * second + state[1]
    }
    agrees_twice!(f, 3, [0.7, 0.2, 1.1]);
}
