//! Elements that are left alone while others are still written are read again, and those that are not left alone are recorded: every order of reads and
//! writes against finite differences, in both modes.

#![allow(clippy::manual_swap, clippy::assign_op_pattern, clippy::needless_range_loop)]

use differentiable::prelude::*;
use differentiable_tests::agrees;

fn point(length: usize) -> Vec<f64> {
    (0..length).map(|i| 0.9 + 0.3 * ((7 * i + 3) as f64).sin()).collect()
}

/// A symmetric matrix with a heavy diagonal, in a row.
fn heavy(n: usize) -> Vec<f64> {
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            a[i * n + j] = ((i * j + i + j) as f64).cos() / 3.0;
        }
        a[i * n + i] += n as f64;
    }
    a
}

/// The length of the side of a square.
fn side(area: usize) -> usize {
    (0..=area).find(|n| n * n >= area).unwrap_or(0)
}

#[test]
fn a_factorization_reads_what_it_has_written() {
    #[differentiable]
    fn in_a_row(a: &[f64]) -> f64 {
        let n = side(a.len());
        let mut l = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let mut s = a[i * n + j];
                for k in 0..j {
                    s -= l[i * n + k] * l[j * n + k];
                }
                if i == j {
                    l[i * n + i] = s.sqrt();
                } else {
                    l[i * n + j] = s / l[j * n + j];
                }
            }
        }
        let mut total = 0.0;
        for i in 0..n {
            total += l[i * n + i].ln();
        }
        total
    }
    agrees!(in_a_row: heavy(0), heavy(1), heavy(2), heavy(5), heavy(9));
    #[differentiable]
    fn in_rows(a: &[[f64; 4]; 4]) -> f64 {
        let mut l = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in 0..=i {
                let mut s = a[i][j];
                for k in 0..j {
                    s -= l[i][k] * l[j][k];
                }
                l[i][j] = if i == j { s.sqrt() } else { s / l[j][j] };
            }
        }
        l[3][3] * l[2][1] + l[3][0]
    }
    let a = heavy(4);
    let a: [[f64; 4]; 4] = std::array::from_fn(|i| std::array::from_fn(|j| a[4 * i + j]));
    let gradient = in_rows::grad(&a);
    let a_dot = a.map(|row| row.map(f64::sin));
    let product: f64 = gradient.iter().flatten().zip(a_dot.iter().flatten()).map(|(d, dot)| d * dot).sum();
    let tangent = in_rows::jvp(&a, &a_dot).1;
    assert!((product - tangent).abs() < 1e-12 * tangent.abs().max(1.0), "{product} {tangent}");
}

#[test]
fn elimination_leaves_the_rows_above_alone() {
    #[differentiable]
    fn solved(a: &[f64]) -> f64 {
        let n = side(a.len());
        let mut m = a.to_vec();
        let mut x = vec![1.0; n];
        for k in 0..n {
            for i in k + 1..n {
                let f = m[i * n + k] / m[k * n + k];
                for j in k..n {
                    m[i * n + j] -= f * m[k * n + j];
                }
                x[i] -= f * x[k];
            }
        }
        for k in (0..n).rev() {
            let mut s = x[k];
            for j in k + 1..n {
                s -= m[k * n + j] * x[j];
            }
            x[k] = s / m[k * n + k];
        }
        x.iter().map(|v| v * v).sum()
    }
    agrees!(solved: heavy(1), heavy(2), heavy(3), heavy(6));
    #[differentiable]
    fn with_exchanges(a: &[f64]) -> f64 {
        let n = side(a.len());
        let mut m = a.to_vec();
        for k in 0..n {
            if k + 1 < n && k % 2 == 0 {
                for j in 0..n {
                    let kept = m[k * n + j];
                    m[k * n + j] = m[(k + 1) * n + j];
                    m[(k + 1) * n + j] = kept;
                }
            }
            for i in k + 1..n {
                let f = m[i * n + k] / (3.0 + m[k * n + k]);
                for j in k..n {
                    m[i * n + j] -= f * m[k * n + j];
                }
            }
        }
        m.iter().map(|v| v * v).sum()
    }
    agrees!(with_exchanges: heavy(2), heavy(3), heavy(5));
    #[differentiable]
    fn the_row_itself_too(a: &[f64]) -> f64 {
        let n = side(a.len());
        let mut m = a.to_vec();
        for k in 0..n {
            for i in k..n {
                for j in 0..n {
                    m[i * n + j] = 0.5 * m[i * n + j] * m[k * n + j] + 0.3;
                }
            }
        }
        m.iter().map(|v| v * v).sum()
    }
    agrees!(the_row_itself_too: point(1), point(4), point(9));
}

#[test]
fn a_recurrence_in_memory_reads_what_came_before() {
    #[differentiable]
    fn upwards(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for t in 2..y.len() {
            y[t] = y[t - 1] * y[t - 2].sin() + x[t] * y[t - 1] * y[t];
        }
        y.iter().map(|v| v * v).sum()
    }
    agrees!(upwards: point(0), point(1), point(2), point(3), point(9));
    #[differentiable]
    fn one_ahead(x: &[f64]) -> f64 {
        let mut y = vec![0.5; x.len() + 1];
        for t in 0..x.len() {
            y[t + 1] = y[t] * y[t] * x[t] + y[t].cos();
        }
        y[x.len()] * y[x.len() / 2]
    }
    agrees!(one_ahead: point(1), point(2), point(7));
    #[differentiable]
    fn downwards(x: &[f64]) -> f64 {
        let n = x.len();
        let mut y = x.to_vec();
        for t in (0..n).rev() {
            let mut s = x[t] * y[t];
            for later in t + 1..n {
                s += 0.1 * y[later] * y[later] * x[t];
            }
            y[t] = s.sin();
        }
        y.iter().map(|v| v * v).sum()
    }
    agrees!(downwards: point(1), point(2), point(6));
    #[differentiable]
    fn a_table(x: &[f64]) -> f64 {
        let n = x.len();
        let mut best = vec![1.0; n * n];
        for i in 1..n {
            for j in 1..n {
                let up = best[(i - 1) * n + j];
                best[i * n + j] = up * best[i * n + j - 1] * 0.5 + x[i] * x[j] * up * up.sin();
            }
        }
        best[n * n - 1]
    }
    agrees!(a_table: point(2), point(3), point(5));
}

#[test]
fn what_is_written_again_is_recorded() {
    #[differentiable]
    fn in_sweeps(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for _ in 0..3 {
            for i in 1..y.len() {
                y[i] = y[i] * y[i - 1] * y[i - 1];
            }
        }
        y.iter().map(|v| v * v).sum()
    }
    agrees!(in_sweeps: point(1), point(2), point(5));
    #[differentiable]
    fn afterwards(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for i in 1..x.len() {
            y[i] = x[i] * y[i - 1] * y[i - 1];
        }
        for v in &mut y {
            *v *= 0.5;
        }
        y.iter().map(|v| v * v).sum()
    }
    agrees!(afterwards: point(2), point(5));
    #[differentiable]
    fn the_next_one(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for i in 0..x.len() - 1 {
            y[i] = x[i] * y[i + 1] * y[i + 1];
        }
        y.iter().map(|v| v * v).sum()
    }
    agrees!(the_next_one: point(2), point(5));
    #[differentiable]
    fn two_of_each(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for i in 1..x.len() - 1 {
            y[i] = x[i] * y[i - 1] * y[i - 1];
            y[i + 1] = y[i] * y[i + 1];
            y[i - 1] = 0.5 * y[i - 1] * y[i];
        }
        y.iter().map(|v| v * v).sum()
    }
    agrees!(two_of_each: point(3), point(6));
}

#[test]
fn rows_that_overlap_are_recorded() {
    #[differentiable]
    fn wider_than_the_stride(x: &[f64]) -> f64 {
        let (n, stride) = (x.len(), 2);
        let mut m = vec![1.0; stride * n + n];
        for i in 1..n {
            for j in 0..n {
                let before = m[(i - 1) * stride + j];
                m[i * stride + j] = before * before * x[j] * 0.5 + x[i];
            }
        }
        m.iter().map(|v| v * v).sum()
    }
    agrees!(wider_than_the_stride: point(2), point(3), point(5));
    #[differentiable]
    fn another_stride_each_time(x: &[f64]) -> f64 {
        let n = x.len();
        let mut m = vec![1.0; 2 * n * n];
        for i in 1..n {
            let stride = n - i % 2;
            for j in 0..stride {
                let before = m[(i - 1) * stride + j];
                m[i * stride + j] = before * before * x[j] * 0.5 + x[i];
            }
        }
        m.iter().map(|v| v * v).sum()
    }
    agrees!(another_stride_each_time: point(2), point(3), point(6));
    #[differentiable]
    fn equal_in_the_other_arm(x: &[f64]) -> f64 {
        let n = x.len();
        let mut l = vec![vec![0.8; n]; n];
        for i in 0..n {
            for j in 0..n {
                let mut s = x[i] + x[j];
                for k in 0..j {
                    s += 0.1 * l[i][k] * l[i][k];
                }
                if i == j {
                    l[i][j] = s;
                } else {
                    l[i][i] = s * 0.2;
                }
            }
        }
        l.iter().flatten().map(|v| v * v).sum()
    }
    agrees!(equal_in_the_other_arm: point(2), point(4));
}

#[test]
fn memory_of_an_iteration_and_memory_around_it_agree() {
    #[differentiable]
    fn of_each(x: &[f64]) -> f64 {
        let mut total = 0.0;
        for &factor in x {
            let mut y = x.to_vec();
            for t in 1..y.len() {
                y[t] = factor * y[t - 1] * y[t - 1] * 0.5 + x[t].sin();
            }
            total += y[y.len() - 1];
        }
        total * total
    }
    agrees!(of_each: point(1), point(2), point(5));
    #[differentiable]
    fn of_all(x: &[f64]) -> f64 {
        let mut total = 0.0;
        let mut y = x.to_vec();
        for &factor in x {
            for t in 1..y.len() {
                y[t] = factor * y[t - 1] * y[t - 1] * 0.5 + x[t].sin();
            }
            y[0] = 0.5 * y[x.len() - 1];
            total += y[0];
        }
        total * total
    }
    agrees!(of_all: point(1), point(2), point(5));
    #[differentiable]
    fn left_early(x: &[f64]) -> f64 {
        let mut y = x.to_vec();
        for t in 1..y.len() {
            if t == 4 {
                break;
            }
            y[t] = y[t - 1] * y[t - 1] * x[t];
        }
        let mut z = y;
        for v in &mut z {
            *v *= *v;
        }
        z.iter().sum()
    }
    agrees!(left_early: point(2), point(4), point(7));
}

/// What is left in a matrix, each number with a weight of its own.
#[differentiable(wrt(m))]
fn weighted(m: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..m.len() {
        total += m[i] * (1.0 + 0.1 * i as f64);
    }
    total
}

#[test]
fn a_factorization_in_place_of_a_parameter_reads_what_it_has_written() {
    #[differentiable(wrt(m))]
    fn lower_and_upper(m: &mut [f64], n: usize) {
        for k in 0..n {
            for i in k + 1..n {
                let f = m[i * n + k] / m[k * n + k];
                m[i * n + k] = f;
                for j in k + 1..n {
                    m[i * n + j] -= f * m[k * n + j];
                }
            }
        }
    }
    #[differentiable]
    fn of_both(a: &[f64]) -> f64 {
        let mut m = a.to_vec();
        lower_and_upper(&mut m, side(a.len()));
        weighted(&m)
    }
    agrees!(of_both: heavy(0), heavy(1), heavy(2), heavy(5), heavy(8));
    // column by column, of earlier columns
    #[differentiable(wrt(m))]
    fn root(m: &mut [[f64; 5]; 5], n: usize) {
        for j in 0..n {
            for k in 0..j {
                for i in j..n {
                    m[i][j] -= m[i][k] * m[j][k];
                }
            }
            let d = m[j][j].sqrt();
            m[j][j] = d;
            for i in j + 1..n {
                m[i][j] /= d;
            }
        }
    }
    #[differentiable]
    fn of_a_root(a: &[f64; 25]) -> f64 {
        let mut m = [[0.0; 5]; 5];
        for i in 0..5 {
            for j in 0..5 {
                m[i][j] = a[5 * i + j];
            }
        }
        root(&mut m, 5);
        root(&mut m, 0);
        let mut total = 0.0;
        for i in 0..5 {
            total += weighted(&m[i]) * (1.0 + 0.3 * i as f64);
        }
        total
    }
    agrees!(of_a_root: heavy(5));
    // the parameter's derivatives on their own, against those of the function that takes it by value
    let mut m = heavy(6);
    let (mut d, start) = (vec![0.3; 36], m.clone());
    lower_and_upper::vjp(&mut m, 6, &mut d);
    let mut apart = vec![0.3; 36];
    let mut again = start.clone();
    let ((), back) = lower_and_upper::pullback(&mut again, 6);
    back(&mut apart);
    assert_eq!(m, again);
    for i in 0..36 {
        let mut dot = vec![0.0; 36];
        dot[i] = 1.0;
        lower_and_upper::jvp(&mut start.clone(), 6, &mut dot);
        let forward: f64 = dot.iter().sum::<f64>() * 0.3;
        assert!((forward - d[i]).abs() < 1e-12 && (forward - apart[i]).abs() < 1e-12, "{forward} {} {}", d[i], apart[i]);
    }
}

#[test]
fn what_is_marched_over_in_either_direction_is_read_again_and_nothing_else_is() {
    // the index of the outer loop stands in the second place, in the first, behind a number, and runs down
    #[differentiable(wrt(m))]
    fn marched(m: &mut [[f64; 6]; 6], n: usize, which: usize) {
        if which == 0 {
            for t in 1..n {
                for i in 0..n {
                    m[i][t] = m[i][t - 1] * m[(i + 1) % 6][t - 1] + 0.1 * m[i][t];
                }
            }
        } else if which == 1 {
            for t in (0..n - 1).rev() {
                for i in 0..n {
                    m[t][i] *= m[t + 1][i] * m[t + 1][n - 1 - i] - m[t][i];
                }
            }
        } else if which == 2 {
            for t in 0..n - 1 {
                for i in 0..n {
                    // of its own row, which is still written
                    m[i][t + 1] = m[i][t] * m[(i + 1) % 6][t + 1];
                }
            }
        } else {
            for t in 0..n - 1 {
                for i in 0..n {
                    // of a later column, which is written later
                    m[i][t] = m[i][t] * m[i][t + 1];
                }
                for i in 0..t {
                    // of one that is written twice
                    m[i][t] *= m[i][t] + m[i][i];
                }
            }
        }
    }
    #[differentiable]
    fn f(a: &[f64; 36]) -> f64 {
        let mut total = 0.0;
        for which in 0..4 {
            let mut m = [[0.0; 6]; 6];
            for i in 0..6 {
                for j in 0..6 {
                    m[i][j] = a[6 * i + j];
                }
            }
            marched(&mut m, 6, which);
            for i in 0..6 {
                total += weighted(&m[i]) * (1.0 + 0.3 * i as f64);
            }
        }
        total
    }
    agrees!(f: point(36));
    // each in the function's outermost block, and overwritten when all is done
    #[differentiable(wrt(m))]
    fn forwards(m: &mut [[f64; 6]; 6], n: usize) {
        for t in 1..n {
            for i in 0..n {
                m[i][t] = m[i][t - 1] * m[(i + 1) % 6][t - 1] + 0.1 * m[i][t];
            }
        }
    }
    #[differentiable(wrt(m))]
    fn backwards(m: &mut [[f64; 6]; 6], n: usize) {
        for t in (0..n - 1).rev() {
            for i in 0..n {
                m[t][i] *= m[t + 1][i] * m[t + 1][n - 1 - i] - m[t][i];
            }
        }
    }
    #[differentiable(wrt(m))]
    fn overwritten(m: &mut [[f64; 6]; 6], n: usize) {
        for t in 1..n {
            for i in 0..n {
                m[i][t] = m[i][t - 1] * m[(i + 1) % 6][t - 1] + 0.1 * m[i][t];
            }
        }
        m[0][1] = 0.5 * m[1][5];
    }
    #[differentiable(wrt(m))]
    fn later(m: &mut [[f64; 6]; 6], n: usize) {
        for t in 0..n - 1 {
            for i in 0..n {
                m[i][t] = m[i][t] * m[i][t + 1] * m[i][t];
            }
        }
    }
    #[differentiable(wrt(m))]
    fn not_yet(m: &mut [[f64; 6]; 6], n: usize) {
        for t in 0..n - 1 {
            for i in 0..n {
                m[i][t + 1] = m[i][t] * m[(i + 1) % 6][t + 1] * m[i][t];
            }
        }
    }
    #[differentiable]
    fn g(a: &[f64; 36]) -> f64 {
        let mut total = 0.0;
        let mut m = [[0.0; 6]; 6];
        for i in 0..6 {
            for j in 0..6 {
                m[i][j] = a[6 * i + j];
            }
        }
        forwards(&mut m, 4);
        total += weighted(&m[2]);
        backwards(&mut m, 6);
        total += weighted(&m[1]);
        overwritten(&mut m, 5);
        total += weighted(&m[0]);
        later(&mut m, 6);
        total += weighted(&m[3]);
        not_yet(&mut m, 6);
        for i in 0..6 {
            total += weighted(&m[i]) * (1.0 + 0.3 * i as f64);
        }
        total
    }
    agrees!(g: point(36).iter().map(|x| 0.6 * x).collect::<Vec<_>>());
}

/// Whether reverse mode of a function keeps records of iterations.
fn keeps_records(function: proc_macro2::TokenStream) -> bool {
    let stages = differentiable_compiler::stages(quote::quote!(), function).expect("it is differentiable");
    [stages.fused, stages.forward].iter().any(|text| text.contains("tape"))
}

/// Declares a function whose iterations keep nothing.
macro_rules! keeps_nothing {
    ($($function:tt)*) => {
        #[differentiable]
        $($function)*
        assert!(!keeps_records(quote::quote!($($function)*)));
    };
}

#[test]
fn factors_that_are_stored_are_read_where_they_stand() {
    keeps_nothing! {
        fn eliminated(a: &[f64]) -> f64 {
            let n = side(a.len());
            let mut m = a.to_vec();
            for k in 0..n {
                for i in k + 1..n {
                    let f = m[i * n + k] / m[k * n + k];
                    m[i * n + k] = f;
                    for j in k + 1..n {
                        m[i * n + j] -= f * m[k * n + j];
                    }
                }
            }
            weighted(&m)
        }
    }
    keeps_nothing! {
        fn read_again(a: &[f64]) -> f64 {
            let n = side(a.len());
            let mut m = a.to_vec();
            for k in 0..n {
                for i in k + 1..n {
                    m[i * n + k] /= m[k * n + k];
                    for j in k + 1..n {
                        m[i * n + j] -= m[i * n + k] * m[k * n + j];
                    }
                }
            }
            weighted(&m)
        }
    }
    keeps_nothing! {
        fn root(a: &[f64]) -> f64 {
            let n = side(a.len());
            let mut l = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..=i {
                    let mut s = a[i * n + j];
                    for k in 0..j {
                        s -= l[i * n + k] * l[j * n + k];
                    }
                    if i == j {
                        l[i * n + j] = s.sqrt();
                    } else {
                        l[i * n + j] = s / l[j * n + j];
                    }
                }
            }
            weighted(&l)
        }
    }
    agrees!(eliminated: heavy(0), heavy(1), heavy(2), heavy(3), heavy(7));
    agrees!(read_again: heavy(0), heavy(1), heavy(2), heavy(3), heavy(7));
    agrees!(root: heavy(0), heavy(1), heavy(2), heavy(3), heavy(7));
}

#[test]
fn factors_that_are_stored_in_a_parameter_are_read_from_what_is_left_there() {
    keeps_nothing! {
        fn eliminate(m: &mut [f64], n: usize) {
            for k in 0..n {
                for i in k + 1..n {
                    let f = m[i * n + k] / m[k * n + k];
                    m[i * n + k] = f;
                    for j in k + 1..n {
                        m[i * n + j] -= f * m[k * n + j];
                    }
                }
            }
        }
    }
    #[differentiable]
    fn of_an_elimination(a: &[f64]) -> f64 {
        let n = side(a.len());
        let mut m = a.to_vec();
        eliminate(&mut m, n);
        for v in &mut m {
            *v = *v * *v;
        }
        weighted(&m)
    }
    agrees!(of_an_elimination: heavy(0), heavy(1), heavy(2), heavy(3), heavy(7));
    #[differentiable]
    fn in_the_first_columns(m: &mut [[f64; 5]; 5], n: usize) {
        for k in 0..n {
            for i in k + 1..n {
                let f = m[i][k].sin() / m[k][k];
                m[i][k] = f;
                for j in k + 1..n {
                    m[i][j] -= f * m[i][k] * m[k][j];
                }
            }
        }
    }
    #[differentiable]
    fn of_columns(a: &[f64; 25]) -> f64 {
        let mut total = 0.0;
        for n in 2..6 {
            let mut m = [[0.0; 5]; 5];
            for i in 0..5 {
                for j in 0..5 {
                    m[i][j] = a[5 * i + j];
                }
            }
            in_the_first_columns(&mut m, n);
            for i in 0..5 {
                for j in 0..5 {
                    total += m[i][j] * m[i][j] * ((n + i + 2 * j) as f64).cos();
                }
            }
        }
        total
    }
    agrees!(of_columns: heavy(5));
}

#[test]
fn stored_numbers_whose_elements_are_written_again_are_recorded() {
    // of each `which` another order of stores and writes
    #[differentiable]
    fn stored(a: &[f64], which: usize) -> f64 {
        let mut total = 0.0;
        if which == 0 {
            let mut m = a.to_vec();
            for k in 0..6 {
                for i in k + 1..6 {
                    let f = m[i * 6 + k].sin();
                    m[i * 6 + k] = f;
                    for j in k..6 {
                        m[i * 6 + j] += f * m[k * 6 + j] * 0.3; // the stored one too
                    }
                }
            }
            total += m[35] * m[30] + m[31];
        } else if which == 1 {
            let mut m = a.to_vec();
            for k in 0..6 {
                for i in k + 1..6 {
                    for j in k + 1..6 {
                        let f = m[i * 6 + k].sin() * m[k * 6 + j];
                        m[i * 6 + k] = f; // once for each `j`
                        m[i * 6 + j] += f * f;
                    }
                }
            }
            total += m[35] * m[30] + m[31];
        } else if which == 2 {
            let mut m = a.to_vec();
            for k in (0..6).rev() {
                for i in k + 1..6 {
                    let f = m[i * 6 + k].sin();
                    m[i * 6 + k] = f;
                    for j in k + 1..6 {
                        m[i * 6 + j] += f * f * m[k * 6 + j] * 0.3; // stored by a later `k`
                    }
                }
            }
            total += m[35] * m[30] + m[31];
        } else if which == 3 {
            let mut m = a.to_vec();
            for k in 0..6 {
                for i in k + 1..6 {
                    let f = m[i * 6 + k].sin();
                    m[i * 6 + k] = f;
                    let g = f * f * m[k * 6 + k];
                    m[i * 6 + k] = g; // twice
                    for j in k + 1..6 {
                        m[i * 6 + j] += f * g * m[k * 6 + j] * 0.3;
                    }
                }
            }
            total += m[35] * m[30] + m[31];
        } else if which == 4 {
            let mut m = a.to_vec();
            for k in 0..6 {
                for i in 0..k {
                    let f = m[i * 6 + k].sin();
                    m[i * 6 + k] = f;
                    for j in 0..k {
                        m[i * 6 + j] += f * f * 0.3; // stored by an earlier `k`
                    }
                }
            }
            total += m[5] * m[2] + m[9];
        }
        total
    }
    for which in 0..5 {
        agrees!(stored(which): heavy(6));
    }
}

#[test]
fn elements_that_another_arm_writes_are_read_before_it() {
    #[differentiable]
    fn chosen(a: &[f64; 25]) -> f64 {
        let mut l = [1.5; 25];
        for i in 0..5 {
            for j in 0..5 {
                if j < 2 {
                    let f = a[i * 5 + j].sin();
                    l[i * 5 + j] = f;
                    l[i * 5 + j] += f * f;
                } else {
                    let before = l[i * 5 + j] * a[j];
                    let g = before * before;
                    l[i * 5 + j] = g;
                }
                let now = l[i * 5 + j];
                l[i * 5 + j] = now * now * a[i];
            }
        }
        l[7] * l[8] + l[24] * l[2] + l[1] * l[3]
    }
    agrees!(chosen: heavy(5));
    #[differentiable]
    fn unequal(a: &[f64; 25]) -> f64 {
        let mut l = [[0.75; 5]; 5];
        for i in 0..5 {
            for j in 0..=i {
                if i == j {
                    let f = l[j][j] * a[i * 5 + j];
                    l[i][j] = f.sin();
                } else {
                    l[i][j] = a[i * 5 + j] * l[j][j] * l[j][j];
                }
            }
        }
        l[4][3] * l[4][4] + l[2][1] * l[1][1] + l[3][3]
    }
    agrees!(unequal: heavy(5));
}
