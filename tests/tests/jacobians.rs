//! Jacobians by rows, by columns and by sweeps, against num-dual's exact derivatives; and what they compute.

mod exact;

use std::cell::RefCell;
use std::collections::BTreeMap;

use differentiable::prelude::*;
use differentiable::{Maths, Number, With};
use exact::{Exact, derivatives};

/// Defines functions of an array, and compares their Jacobians at points: entries that are zero for every argument are exactly zero.
macro_rules! agree {
    ($($name:ident: $n:literal => $m:literal, |$x:ident| $body:expr, zeros $zeros:literal, at $points:expr;)*) => {$(
        #[test]
        fn $name() {
            #[differentiable]
            fn generic<T: Real>($x: &[T; $n]) -> [T; $m] {
                $body
            }
            #[differentiable]
            fn double($x: [f64; $n]) -> [f64; $m] {
                $body
            }
            let points: &[[f64; $n]] = &$points;
            for point in points {
                let jacobian = generic::jacobian(point);
                assert_eq!(jacobian, double::jacobian(*point));
                for row in 0..$m {
                    let (_, wanted, _) = derivatives(point, |x: &[Exact; $n]| generic(x)[row]);
                    for column in 0..$n {
                        let (got, wanted) = (jacobian[row][column], wanted[column]);
                        assert!((got - wanted).abs() <= 1e-13 * wanted.abs().max(1.0), "[{row}][{column}]: {got}, not {wanted}");
                    }
                }
                let zeros = jacobian.iter().flatten().filter(|entry| **entry == 0.0).count();
                assert_eq!(zeros, $zeros, "{jacobian:?}");
            }
        }
    )*};
}

agree! {
    a_straight_line: 4 => 3, |x| {
        let r = (x[0] * x[0] + x[1] * x[1]).sqrt();
        [r * x[2], x[1].atan2(x[0]) - x[3], x[3].exp() / r]
    }, zeros 3, at [[0.3, -0.7, 1.1, 0.4], [-2.0, 0.1, 0.5, -1.0]];
    a_diagonal: 5 => 5, |x| x.map(|x| x.exp() * x), zeros 20, at [[0.3, -0.7, 1.1, 0.4, 2.0]];
    a_triangle: 4 => 4, |x| {
        let mut y = [x[0].sin(); 4];
        for i in 1..4 {
            y[i] = y[i - 1] * x[i];
        }
        y
    }, zeros 6, at [[0.3, -0.7, 1.1, 0.4]];
    a_stencil: 6 => 6, |x| {
        let mut y = [0.0 * x[0]; 6];
        for i in 0..x.len() {
            if i > 0 && i + 1 < 6 {
                y[i] = x[i - 1] - 2.0 * x[i] + x[i + 1] * x[i + 1];
            }
        }
        y
    }, zeros 24, at [[0.3, -0.7, 1.1, 0.4, 2.0, -1.0]];
    a_product_of_matrices: 6 => 4, |x| {
        let mut y = [x[0]; 4];
        for i in 0..2 {
            for j in 0..2 {
                y[2 * i + j] = (0..3).map(|k| x[(i + k) % 6] * x[3 + (j + k) % 3]).sum();
            }
        }
        y
    }, zeros 2, at [[0.3, -0.7, 1.1, 0.4, 2.0, -1.0]];
    many_results_of_one_chain: 1 => 5, |x| {
        let u = (x[0] * x[0]).sin();
        let v = u.exp() * x[0];
        [v.cos(), v.sin(), v * v, u, 1.0 / v]
    }, zeros 0, at [[0.8], [-0.3]];
    a_part_that_only_copies: 3 => 4, |x| {
        let (a, c) = (x[0], x[2]);
        let mut y = [a, c, c, a];
        y.swap(0, 1);
        y[3] += 2.0;
        y
    }, zeros 8, at [[0.3, -0.7, 1.1]];
    a_choice_by_the_arguments: 3 => 2, |x| {
        let y = if x[0] > x[1] { x[0] * x[2] } else { x[1].sin() * x[2] };
        [y, x[2] * y]
    }, zeros 2, at [[0.9, -0.7, 1.1], [-0.9, 0.7, -1.1]];
    a_loop_of_unknown_length: 2 => 3, |x| {
        let mut y = [x[0]; 3];
        let mut k = 0;
        while k < 3 && y[k] < 2.0 {
            y[k] = y[k] * x[1] + x[0];
            k += 1;
        }
        y
    }, zeros 0, at [[0.9, -0.7], [-0.9, 0.7]];
}

#[differentiable]
fn inner<T: Real>(x: T, y: T) -> T {
    (x * y).sin() + y
}

#[test]
fn what_calls_a_function_agrees() {
    #[differentiable]
    fn outer<T: Real>(x: &[T; 3]) -> (T, T) {
        let a = inner(x[0], x[1]);
        (inner(a, x[2]), a * x[2])
    }
    let point = [0.3, -0.7, 1.1];
    let jacobian = outer::jacobian(&point);
    for row in 0..2 {
        let (_, wanted, _) = derivatives(&point, |x: &[Exact; 3]| if row == 0 { outer(x).0 } else { outer(x).1 });
        for column in 0..3 {
            assert!((jacobian[row][column] - wanted[column]).abs() < 1e-14);
        }
    }
}

/// The same at a kink as `vjp` and `jvp`: a constant in an array that holds active numbers counts as active, one that stands alone does not.
#[test]
fn kinks_are_those_of_the_other_derivatives() {
    #[differentiable]
    fn f(x: &[f64; 2], k: f64) -> [f64; 4] {
        let mut floor = [x[0] * x[0], 0.0];
        floor[1] = 2.0;
        [x[0].max(x[1]), x[1].max(2.0), x[0].min(floor[1]), floor[1].max(k * x[1])]
    }
    let (x, k) = ([2.0, 2.0], 1.0);
    let (dx, dk) = f::jacobian(&x, k);
    for row in 0..4 {
        let mut seed = [0.0; 4];
        seed[row] = 1.0;
        let (mut want_x, mut want_k) = ([0.0; 2], 0.0);
        f::vjp(&x, k, &seed, &mut want_x, &mut want_k);
        assert_eq!((dx[row], dk[row]), (want_x, want_k), "row {row}");
    }
    assert_eq!((dx[0], dx[1][1]), ([0.5, 0.5], 0.0));
    assert_eq!(dx[2][0], 0.5);
}

#[test]
fn lengths_may_be_parameters_constants_or_nothing() {
    const LENGTH: usize = 3;
    #[differentiable]
    fn generic<const N: usize, const M: usize>(x: &[f64; N], t: f64) -> [[f64; N]; M] {
        let mut y = [*x; M];
        for i in 0..M {
            for j in 0..N {
                y[i][j] = (x[j] * t).sin() * (i as f64 + 1.0);
            }
        }
        y
    }
    #[differentiable]
    fn constant(x: &[f64; LENGTH]) -> [f64; LENGTH] {
        let mut y = *x;
        for i in 1..LENGTH {
            y[i] = x[i] * y[i - 1];
        }
        y
    }
    let (x, t) = ([0.3, -0.7], 1.5);
    let (dx, dt) = generic::jacobian::<2, 3>(&x, t);
    let (wide, _) = generic::jacobian::<2, 1>(&x, t);
    assert_eq!(wide[0], dx[0]);
    for i in 0..3 {
        let factor = i as f64 + 1.0;
        for j in 0..2 {
            assert!((dx[i][j][j] - factor * t * (x[j] * t).cos()).abs() < 1e-14);
            assert_eq!(dx[i][j][1 - j], 0.0);
            assert!((dt[i][j] - factor * x[j] * (x[j] * t).cos()).abs() < 1e-14);
        }
    }
    assert_eq!(constant::jacobian(&[2.0, 3.0, 5.0]), [[1.0, 0.0, 0.0], [3.0, 2.0, 0.0], [15.0, 10.0, 6.0]]);
    #[differentiable(wrt(x))]
    fn nothing(x: &[f64; 0], y: f64) -> [f64; 2] {
        [x.iter().sum::<f64>() + y; 2]
    }
    assert_eq!(nothing::jacobian(&[], 1.0), [[0.0; 0]; 2]);
}

#[test]
fn code_without_derivative_is_there_in_front_of_its_uses() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 2], table: &[f64], mut at: usize) -> [f64; 2] {
        at += 1;
        let scale = table[at] * 2.0;
        assert!(scale > 0.0);
        [x[0] * scale, x[1] * table[at - 1]]
    }
    #[differentiable(wrt(x))]
    fn g(x: &[f64; 2], table: &[f64], at: usize) -> [f64; 2] {
        let next = at + 1;
        let scale = table[next] * 2.0;
        assert!(scale > 0.0);
        [x[0] * scale, x[1] * table[at]]
    }
    assert_eq!(f::jacobian(&[1.0, 2.0], &[3.0, 4.0], 0), [[8.0, 0.0], [0.0, 3.0]]);
    assert_eq!(g::jacobian(&[1.0, 2.0], &[3.0, 4.0], 0), [[8.0, 0.0], [0.0, 3.0]]);
    assert!(std::panic::catch_unwind(|| g::jacobian(&[1.0, 2.0], &[3.0, -4.0], 0)).is_err());
}

thread_local! {
    static CALLS: RefCell<BTreeMap<&'static str, usize>> = const { RefCell::new(BTreeMap::new()) };
}

/// Maths that counts.
struct Counts;

macro_rules! counted {
    ($($name:ident($($argument:ident),*);)*) => {
        impl Maths<f64> for Counts {
            $(
                fn $name(x: f64 $(, $argument: f64)*) -> f64 {
                    CALLS.with_borrow_mut(|calls| *calls.entry(stringify!($name)).or_default() += 1);
                    x.$name($($argument),*)
                }
            )*
        }
    };
}

counted! {
    sqrt();
    exp();
    sin();
    cos();
    atan2(other);
    hypot(other);
}

type Counted = With<f64, Counts>;

fn numbers<const N: usize>(x: [f64; N]) -> [Counted; N] {
    x.map(With::new)
}

/// The functions of mathematics that were called, and how often.
fn calls_of<R>(work: impl FnOnce() -> R) -> Vec<(&'static str, usize)> {
    CALLS.take();
    work();
    CALLS.take().into_iter().collect()
}

#[differentiable(wrt(pose))]
fn range_bearing<T: Real>(pose: &[T; 3], landmark: &[T; 2]) -> [T; 2] {
    let (dx, dy) = (landmark[0] - pose[0], landmark[1] - pose[1]);
    [(dx * dx + dy * dy).sqrt(), dy.atan2(dx) - pose[2]]
}

#[differentiable(wrt(pose))]
fn motion<T: Real>(pose: &[T; 3], speed: T, turn: T) -> [T; 3] {
    [pose[0] + speed * pose[2].cos(), pose[1] + speed * pose[2].sin(), pose[2] + turn]
}

#[test]
fn what_only_the_value_needs_is_not_computed() {
    let (pose, landmark) = (numbers([0.1, 0.2, 0.3]), numbers([3.0, 4.0]));
    assert_eq!(calls_of(|| range_bearing::jacobian(&pose, &landmark)), [("sqrt", 1)]);
}

#[test]
fn what_rows_share_is_computed_once() {
    let (pose, speed, turn) = (numbers([0.1, 0.2, 0.3]), With::new(2.0), With::new(0.1));
    assert_eq!(calls_of(|| motion::jacobian(&pose, speed, turn)), [("cos", 1), ("sin", 1)]);
    #[differentiable]
    fn chain<T: Real>(x: &[T; 2]) -> [T; 4] {
        let u = (x[0] * x[1]).sin();
        let v = u.exp();
        [v, v * x[0], v * x[1], v * u]
    }
    assert_eq!(calls_of(|| chain::jacobian(&numbers([0.3, 0.7]))), [("cos", 1), ("exp", 1), ("sin", 1)]);
}

#[test]
fn zeros_that_the_code_shows_cost_nothing() {
    #[differentiable]
    fn diagonal<T: Real>(x: &[T; 16]) -> [T; 16] {
        x.map(|x| x.sin())
    }
    assert_eq!(calls_of(|| diagonal::jacobian(&numbers([0.3; 16]))), [("cos", 16)]);
    #[differentiable]
    fn triangle<T: Real>(x: &[T; 6]) -> [T; 6] {
        let mut y = *x;
        for i in 0..6 {
            for j in 0..i {
                y[i] += x[j] * x[i].exp();
            }
        }
        y
    }
    assert_eq!(calls_of(|| triangle::jacobian(&numbers([0.3; 6]))), [("exp", 5)]);
}

#[test]
fn loops_of_sizes_that_are_not_written_out_run_once_for_all_rows() {
    #[differentiable]
    fn long<T: Real, const N: usize>(x: &[T; N]) -> [T; 3] {
        let mut s = [x[0]; 3];
        for i in 0..N {
            let e = x[i].exp();
            s[i % 3] += e * e;
        }
        s
    }
    let x = numbers([0.1; 9]);
    assert_eq!(calls_of(|| long(&x)), [("exp", 9)]);
    assert_eq!(calls_of(|| long::jacobian(&x)), [("exp", 9)]);
}

/// One loop with a result in each iteration, for as many inputs and results as one likes.
#[differentiable]
fn chain<T: Real, const N: usize, const M: usize>(x: &[T; N], t: T) -> [T; M] {
    let mut y = [t; M];
    let mut s = t;
    for i in 0..M {
        s = s * x[i % N] + s.sin();
        y[i] = s;
    }
    y
}

#[test]
fn a_few_columns_are_swept_where_the_rows_are_many() {
    let (narrow, t) = (numbers([0.9]), With::new(0.3));
    let (dx, dt) = chain::jacobian::<_, 1, 20>(&narrow, t);
    assert_eq!(calls_of(|| chain::jacobian::<_, 1, 20>(&narrow, t)), [("cos", 40), ("sin", 40)], "two columns");
    let wide = numbers([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]);
    assert_eq!(
        calls_of(|| chain::jacobian::<_, 6, 2>(&wide, t)),
        [("cos", 2), ("sin", 2)],
        "two rows share what stands beside the value"
    );
    for row in 0..20 {
        let mut unit = [Counted::ZERO; 20];
        unit[row] = Counted::ONE;
        let (mut want_x, mut want_t) = ([Counted::ZERO], Counted::ZERO);
        chain::vjp(&narrow, t, &unit, &mut want_x, &mut want_t);
        let close = |got: Counted, want: Counted| (got.to_f64() - want.to_f64()).abs() < 1e-12 * want.to_f64().abs().max(1.0);
        assert!(close(dx[row][0], want_x[0]) && close(dt[row], want_t), "row {row}");
    }
}
