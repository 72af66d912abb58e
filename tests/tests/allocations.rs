//! A `vjp` allocates nothing, but for one `Vec` of records for a loop whose iterations are known only at run time and wait for each other.

use allocation_counter::measure;
use differentiable::prelude::*;

/// How often the work allocates.
fn allocations(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

#[differentiable(wrt(w, b))]
fn logistic(w: &[f64; 3], b: f64, xs: &[[f64; 3]], ys: &[f64]) -> f64 {
    let total: f64 = xs
        .iter()
        .zip(ys)
        .map(|(x, y)| {
            let z = b + x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();
            (1.0 + (-y * z).exp()).ln()
        })
        .sum();
    total / xs.len() as f64
}

#[test]
fn a_mean_over_samples_allocates_nothing() {
    let (xs, ys) = (vec![[0.1, -0.3, 0.7]; 500], vec![1.0; 500]);
    let (mut dw, mut db) = ([0.0; 3], 0.0);
    assert_eq!(allocations(|| _ = logistic::vjp(&[0.2, 0.1, -0.4], 0.3, &xs, &ys, 1.0, &mut dw, &mut db)), 0);
    assert!(dw.iter().all(|d| *d != 0.0) && db != 0.0);
}

#[differentiable]
fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2).map(|w| 100.0 * (w[1] - w[0].powi(2)).powi(2) + (1.0 - w[0]).powi(2)).sum()
}

#[test]
fn a_sum_over_windows_of_a_slice_allocates_nothing() {
    let x = vec![0.3; 1000];
    let mut d = vec![0.0; 1000];
    assert_eq!(allocations(|| _ = rosenbrock::vjp(&x, 1.0, &mut d)), 0);
    assert!(d[500] != 0.0);
}

#[differentiable]
fn minor(a: &[[f64; 4]; 4], row: usize, columns: u32) -> f64 {
    if row == 3 {
        return a[3][columns.trailing_zeros() as usize];
    }
    let mut sum = 0.0;
    let mut sign = 1.0;
    for column in 0..4 {
        if columns >> column & 1 == 1 {
            sum += sign * a[row][column] * minor(a, row + 1, columns & !(1 << column));
            sign = -sign;
        }
    }
    sum
}

#[test]
fn a_recursion_allocates_nothing() {
    let a = [[2.0, 0.1, 0.4, 0.2], [0.3, 3.0, 0.1, 0.5], [0.2, 0.4, 1.0, 0.7], [0.6, 0.1, 0.2, 2.0]];
    let mut d = [[0.0; 4]; 4];
    assert_eq!(allocations(|| _ = minor::vjp(&a, 0, 0b1111, 1.0, &mut d)), 0);
    assert!(d[3][3] != 0.0);
}

#[test]
fn logsumexp_allocates_nothing_at_any_length() {
    for length in [3, 50, 1000, 5000] {
        let x = vec![0.3; length];
        let mut d = vec![0.0; length];
        assert_eq!(allocations(|| _ = logsumexp::vjp(&x, 1.0, &mut d)), 0, "{length} elements");
        assert!(d[0] != 0.0);
    }
}

#[differentiable]
fn a_constant_number_of_steps(x: f64, a: f64) -> f64 {
    let mut s = x;
    for _ in 0..256 {
        s += 0.01 * (a * s).ln();
    }
    s
}

#[test]
fn steps_of_a_constant_number_are_kept_on_the_stack() {
    let (mut dx, mut da) = (0.0, 0.0);
    assert_eq!(allocations(|| _ = a_constant_number_of_steps::vjp(3.0, 1.1, 1.0, &mut dx, &mut da)), 0);
    assert!(dx != 0.0 && da != 0.0);
}

#[differentiable(wrt(x, a))]
fn so_many_steps(x: f64, a: f64, steps: usize) -> f64 {
    let mut s = x;
    for _ in 0..steps {
        s += 0.01 * (a * s).ln();
    }
    s
}

#[test]
fn steps_of_any_number_are_kept_in_one_allocation() {
    let (mut dx, mut da) = (0.0, 0.0);
    assert_eq!(allocations(|| _ = so_many_steps::vjp(3.0, 1.1, 10_000, 1.0, &mut dx, &mut da)), 1);
    assert!(dx != 0.0 && da != 0.0);
}

#[differentiable]
fn slope(y: &[f64; 2], k: f64) -> [f64; 2] {
    [y[1].sin(), -k * y[0] * y[1]]
}

#[differentiable(wrt(y, k))]
fn a_hundred_steps_by_calls(y: &[f64; 2], k: f64) -> f64 {
    let mut y = *y;
    for _ in 0..100 {
        let slope = slope(&y, k);
        y = [y[0] + 0.01 * slope[0], y[1] + 0.01 * slope[1]];
    }
    y[0] * y[1]
}

#[differentiable(wrt(y, k))]
fn six_hundred_steps(y: &[f64; 4], k: f64) -> f64 {
    const STEPS: usize = 600;
    let mut y = *y;
    for _ in 0..STEPS {
        let next = [y[1].sin(), k * y[0] * y[2], y[3] * y[3], y[0].cos()];
        for i in 0..4 {
            y[i] += 0.001 * next[i] * y[(i + 1) % 4];
        }
    }
    y[0] * y[1]
}

#[test]
fn small_states_of_a_constant_number_of_steps_are_kept_in_place() {
    let (mut dy, mut dk) = ([0.0; 2], 0.0);
    assert_eq!(allocations(|| _ = a_hundred_steps_by_calls::vjp(&[0.3, 0.7], 1.1, 1.0, &mut dy, &mut dk)), 0);
    let (mut dy, mut dk) = ([0.0; 4], 0.0);
    assert_eq!(allocations(|| _ = six_hundred_steps::vjp(&[0.3, 0.7, 0.1, 0.4], 1.1, 1.0, &mut dy, &mut dk)), 0);
}

const UNITS: usize = 24;

#[differentiable]
fn layer(h: &mut [f64; UNITS], w: &[f64; UNITS]) {
    for i in 0..UNITS {
        h[i] = (h[i] * w[i]).sin() * h[i];
    }
}

#[differentiable(wrt(w))]
fn three_layers(w: &[f64; UNITS], x: &[f64; UNITS]) -> f64 {
    let mut h = *x;
    for _ in 0..3 {
        layer(&mut h, w);
    }
    h.iter().map(|h| h * h).sum()
}

#[test]
fn units_of_a_constant_number_are_kept_in_place_in_each_call() {
    let mut d = [0.0; UNITS];
    assert_eq!(allocations(|| _ = three_layers::vjp(&[0.3; UNITS], &[0.9; UNITS], 1.0, &mut d)), 0);
    assert!(d.iter().all(|d| *d != 0.0));
}

#[differentiable]
fn over_arrays(x: &[f64; UNITS], w: &[[f64; UNITS]; 70]) -> f64 {
    let mut s = 0.3;
    for row in w {
        for (a, b) in x.iter().zip(row) {
            s = (s * a).sin() * b + 0.5;
        }
        let scale = s.exp();
        let shares: [f64; UNITS] = std::array::from_fn(|i| w[0][i] * scale);
        for share in &shares {
            s += (share * s).tanh();
        }
    }
    let steps = 3;
    for _ in 0..steps {
        s = x.iter().fold(s, |s, v| (s * v).cos());
    }
    s
}

#[test]
fn what_loops_over_arrays_keep_is_in_place_where_their_types_say_how_long_they_are() {
    let (mut dx, mut dw) = ([0.0; UNITS], [[0.0; UNITS]; 70]);
    assert_eq!(allocations(|| _ = over_arrays::vjp(&[0.3; UNITS], &[[0.9; UNITS]; 70], 1.0, &mut dx, &mut dw)), 0);
    assert!(dx.iter().all(|d| *d != 0.0) && dw[69].iter().all(|d| *d != 0.0));
}

#[differentiable(wrt(x))]
fn exchanged(x: &[f64], steps: usize) -> f64 {
    let mut u = x.to_vec();
    let mut next = x.to_vec();
    for _ in 0..steps {
        for i in 1..x.len() - 1 {
            next[i] = u[i] + 0.1 * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
        }
        std::mem::swap(&mut u, &mut next);
    }
    u.iter().sum()
}

#[test]
fn vectors_that_are_exchanged_are_kept_in_one_allocation() {
    let x = [0.3, 0.9, 0.1, 0.7, 0.5];
    let of = |steps| {
        let mut d = [0.0; 5];
        let count = allocations(|| _ = exchanged::vjp(&x, steps, 1.0, &mut d));
        assert!(d.iter().all(|d| *d != 0.0));
        count
    };
    assert_eq!(of(3), of(300));
}
