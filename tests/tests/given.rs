//! Rules of one's own: partial derivatives, and whole derivatives, that the user writes.

use std::sync::atomic::{AtomicUsize, Ordering};

use differentiable::prelude::*;
use differentiable_tests::agrees;

#[differentiable(partials(x = 1.0 / (1.0 + (-x).exp())))]
fn soft(x: f64) -> f64 {
    if x > 30.0 { x } else { x.exp().ln_1p() }
}

#[differentiable(wrt(x, y), partials(y = x.exp() * n as f64, x = value))]
fn scaled(x: f64, n: usize, y: f64) -> f64 {
    (0..n).map(|_| y).sum::<f64>() * x.exp()
}

#[differentiable(partials(x = 2.0 * x, value = 1.0))]
fn named_value<T: Real>(x: T, value: T) -> T {
    x * x + value
}

#[test]
fn partial_derivatives_are_used_in_both_modes() {
    assert_eq!(soft::grad(0.0), 0.5);
    assert_eq!(soft::jvp(40.0, 2.0), (40.0, 2.0 / (1.0 + (-40.0f64).exp())));
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = scaled(x[0], 3, x[1]);
        soft(y * x[0]) * y
    }
    agrees!(f, 2, [0.3, 0.7], [-1.2, 0.4]);
    assert_eq!(named_value::grad(3.0f32, 1.0), (6.0, 1.0));
    assert_eq!(named_value::pullback(3.0, 1.0).0, 10.0);
}

#[test]
fn the_function_runs_once_a_call() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    fn count() {
        RUNS.fetch_add(1, Ordering::Relaxed);
    }
    #[differentiable(partials(x = value))]
    fn f(x: f64) -> f64 {
        count();
        x.exp()
    }
    let _ = f::grad(1.0);
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    let _ = f::jvp(1.0, 1.0);
    assert_eq!(RUNS.load(Ordering::Relaxed), 2);
}

struct Table {
    slope: f64,
}

impl Table {
    #[differentiable(wrt(x), partials(x = self.slope))]
    fn look_up(&self, x: f64) -> f64 {
        (self.slope * x * 1e6).round() / 1e6
    }
}

#[test]
fn methods_may_have_partial_derivatives() {
    let table = Table { slope: 2.5 };
    assert_eq!(table.look_up_grad(3.0), 2.5);
}

/// The root of `y³ + y = x`, by Newton's method; its derivative by the implicit function theorem.
#[differentiable(vjp = root_vjp, jvp = root_jvp)]
fn root(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..60 {
        y -= (y * y * y + y - x) / (3.0 * y * y + 1.0);
    }
    y
}

fn root_vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    let y = root(x);
    *d_x += seed / (3.0 * y * y + 1.0);
    y
}

fn root_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    let y = root(x);
    (y, x_dot / (3.0 * y * y + 1.0))
}

/// Solves the system of a diagonal matrix; opaque code.
#[differentiable(wrt(d, b), vjp = solve_vjp)]
fn solve(d: &[f64], b: &[f64; 2], label: String) -> [f64; 2] {
    assert!(label.len() < 9);
    [b[0] / d[0], b[1] / d[1]]
}

fn solve_vjp(d: &[f64], b: &[f64; 2], label: String, seed: &[f64; 2], d_d: &mut [f64], d_b: &mut [f64; 2]) -> [f64; 2] {
    let x = solve(d, b, label);
    for i in 0..2 {
        d_b[i] += seed[i] / d[i];
        d_d[i] -= seed[i] / d[i] * x[i];
    }
    x
}

#[test]
fn a_whole_rule_stands_for_the_generated_one() {
    assert!((root::grad(10.0) - 1.0 / 13.0).abs() < 1e-15);
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let y = root(x[0] * x[1]);
        y * root(y + 1.0) * x[0]
    }
    agrees!(f, 2, [0.3, 0.7], [-1.2, 2.4]);
}

#[test]
fn a_rule_for_slices_and_what_is_used_up() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let y = solve(&x[..2], &[x[2], x[3]], String::from("ab"));
        y[0] * y[1]
    }
    let x = [2.0, 4.0, 3.0, 5.0];
    let gradient = f::grad(&x);
    let (a, b) = (1.5, 1.25);
    assert_eq!(gradient, [-b * a / 2.0, -a * b / 4.0, b / 2.0, a / 4.0]);
    let (jd, jb) = {
        let (_, back) = solve::pullback(&x[..2], &[3.0, 5.0], String::new());
        let (mut d_d, mut d_b) = ([0.0; 2], [0.0; 2]);
        back(&[1.0, 0.0], &mut d_d, &mut d_b);
        (d_d, d_b)
    };
    assert_eq!((jd, jb), ([-0.75, 0.0], [0.5, 0.0]));
}

/// Forward mode alone by hand.
#[differentiable(jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

#[test]
fn forward_mode_alone_may_be_given() {
    assert_eq!(cube::grad(2.0), 12.0);
    assert_eq!(cube::jvp(2.0, 1.0), (8.0, 12.0));
}

mod exact;

/// Compares a function of `&[f64; 2]` with its formula over num-dual.
macro_rules! exact {
    ($function:ident, $oracle:expr, $($point:expr),+) => {$(
        let oracle: fn(&[exact::Exact; 2]) -> exact::Exact = $oracle;
        let (value, gradient, hessian) = exact::derivatives(&$point, oracle);
        assert!(($function(&$point) - value).abs() < 1e-13);
        let (by, rows) = ($function::grad(&$point), $function::hessian(&$point));
        for i in 0..2 {
            assert!((by[i] - gradient[i]).abs() < 1e-12, "{by:?} is not {gradient:?}");
            for j in 0..2 {
                assert!((rows[i][j] - hessian[i][j]).abs() < 1e-11, "{rows:?} is not {hessian:?}");
            }
        }
    )+};
}

#[differentiable(second_order, partials(x = 1.0 / (1.0 + (-x).exp())))]
fn softer(x: f64) -> f64 {
    if x > 30.0 { x } else { x.exp().ln_1p() }
}

/// Partial derivatives in terms of the result, of each other's parameter, of an inactive one and of the language's constructs.
#[differentiable(wrt(x, y), second_order, partials(
    y = { let mut s = x * x; for _ in 0..n { s = s * y / y; } s },
    x = if n > 0 { 2.0 * value / x } else { 2.0 * x * y },
))]
fn quadratic<T: Real>(x: T, n: usize, y: T) -> T {
    let _ = n;
    x * x * y
}

#[test]
fn partial_derivatives_are_differentiated_to_second_order() {
    assert!((softer::hessian(0.0) - 0.25).abs() < 1e-15);
    assert!((softer::hvp(1.0, 2.0) - 2.0 * 0.19661193324148185).abs() < 1e-15);
    let ((xx, xy), (yx, yy)) = quadratic::hessian(3.0, 2, 5.0);
    for (got, want) in [(xx, 10.0), (xy, 6.0), (yx, 6.0), (yy, 0.0)] {
        assert!((got - want).abs() < 1e-13, "{got} is not {want}");
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let y = quadratic(x[0], 2, softer(x[1] * x[0]));
        softer(y) * y.sin()
    }
    exact!(
        f,
        |x| {
            let y = x[0] * x[0] * (x[1] * x[0]).softplus();
            y.softplus() * y.sin()
        },
        [0.3, 0.7],
        [-1.2, 0.4]
    );
}

impl Table {
    #[differentiable(wrt(self_slope, x), second_order, partials(x = self_slope * self.slope, self_slope = self.slope * x))]
    fn bilinear(&self, self_slope: f64, x: f64) -> f64 {
        self.slope * self_slope * x
    }
}

#[test]
fn partial_derivatives_of_methods_are_differentiated() {
    assert_eq!(Table { slope: 2.0 }.bilinear_hessian(3.0, 5.0), ((0.0, 2.0), (2.0, 0.0)));
}

/// The root of `y³ + y = x` again, whose rule for reverse mode is differentiable itself.
#[differentiable(second_order, vjp = twice_vjp, jvp = twice_jvp)]
fn twice(x: f64) -> f64 {
    root(x)
}

#[differentiable(wrt(x, seed, d_x))]
fn twice_vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    let y = twice(x);
    *d_x += seed / (3.0 * y * y + 1.0);
    y
}

fn twice_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    let y = root(x);
    (y, x_dot / (3.0 * y * y + 1.0))
}

/// The second derivative by the implicit function theorem: `y'' = -6 y y'³`.
#[test]
fn whole_rules_have_second_order_where_the_given_vjp_is_differentiable() {
    for x in [0.5f64, 10.0, -2.0] {
        let y = root(x);
        let slope = 1.0 / (3.0 * y * y + 1.0);
        assert!((twice::hessian(x) + 6.0 * y * slope.powi(3)).abs() < 1e-14);
        assert!((twice::hvp(x, 2.0) + 12.0 * y * slope.powi(3)).abs() < 1e-14);
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let y = twice(x[0] * x[1]);
        y * twice(y + x[0])
    }
    // the inverse of y³ + y, step by step to full precision with its derivatives
    fn exact_root(x: exact::Exact) -> exact::Exact {
        let mut y = x;
        for _ in 0..60 {
            y -= (y * y * y + y - x) / (y * y + y * y + y * y + exact::Exact::new(1.0, [0.0; 2]));
        }
        y
    }
    exact!(
        f,
        |x| {
            let y = exact_root(x[0] * x[1]);
            y * exact_root(y + x[0])
        },
        [0.3, 0.7],
        [-1.2, 2.4]
    );
    #[differentiable]
    fn slope(x: &[f64; 2]) -> f64 {
        twice::grad(x[0]) * x[1]
    }
    agrees!(slope, 2, [0.3, 0.7]);
}

/// Scales a slice by a matrix that is given as a struct and used up.
#[derive(Clone, Debug, Differentiable)]
struct Diagonal {
    d: Vec<f64>,
}

#[differentiable(wrt(m, x), second_order, vjp = stretched_vjp, jvp = stretched_jvp)]
fn stretched(m: Diagonal, x: &[f64], times: usize) -> [f64; 2] {
    let scale = times as f64;
    [m.d[0] * m.d[0] * x[0] * scale, m.d[1] * x[1] * x[1] * scale]
}

#[differentiable(wrt(m, x, seed, d_m, d_x))]
fn stretched_vjp(m: Diagonal, x: &[f64], times: usize, seed: &[f64; 2], d_m: &mut Diagonal, d_x: &mut [f64]) -> [f64; 2] {
    let scale = times as f64;
    d_m.d[0] += 2.0 * m.d[0] * x[0] * seed[0] * scale;
    d_m.d[1] += x[1] * x[1] * seed[1] * scale;
    d_x[0] += m.d[0] * m.d[0] * seed[0] * scale;
    d_x[1] += 2.0 * m.d[1] * x[1] * seed[1] * scale;
    [m.d[0] * m.d[0] * x[0] * scale, m.d[1] * x[1] * x[1] * scale]
}

fn stretched_jvp(m: Diagonal, x: &[f64], times: usize, m_dot: Diagonal, x_dot: &[f64]) -> ([f64; 2], [f64; 2]) {
    let scale = times as f64;
    let (first, second) = (m.d[0] * x[0], m.d[1] * x[1]);
    let tangent = [
        (2.0 * m_dot.d[0] * first + m.d[0] * m.d[0] * x_dot[0]) * scale,
        (m_dot.d[1] * x[1] * x[1] + 2.0 * second * x_dot[1]) * scale,
    ];
    (stretched(m, x, times), tangent)
}

#[test]
fn whole_rules_of_structs_and_slices_have_second_order() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let y = stretched(Diagonal { d: vec![x[0], x[1].sin()] }, &[x[1], x[0]], 3);
        y[0] * y[1] + stretched(Diagonal { d: vec![x[1], 2.0] }, &[0.5, 0.25], 1)[0]
    }
    exact!(
        f,
        |x| {
            let three = exact::Exact::new(3.0, [0.0; 2]);
            let half = exact::Exact::new(0.5, [0.0; 2]);
            x[0] * x[0] * x[1] * three * (x[1].sin() * x[0] * x[0] * three) + x[1] * x[1] * half
        },
        [0.3, 0.7],
        [-1.2, 0.4]
    );
}

/// Changes its argument and returns nothing.
#[differentiable(second_order, vjp = cooled_vjp, jvp = cooled_jvp)]
fn cooled(state: &mut [f64; 2], by: f64) {
    state[0] *= by * by;
}

#[differentiable(wrt(state, by, d_state, d_by))]
fn cooled_vjp(state: &mut [f64; 2], by: f64, d_state: &mut [f64; 2], d_by: &mut f64) {
    *d_by += 2.0 * by * state[0] * d_state[0];
    d_state[0] *= by * by;
    state[0] *= by * by;
}

fn cooled_jvp(state: &mut [f64; 2], by: f64, state_dot: &mut [f64; 2], by_dot: f64) {
    state_dot[0] = state_dot[0] * by * by + 2.0 * by * by_dot * state[0];
    state[0] *= by * by;
}

#[test]
fn whole_rules_of_what_changes_have_second_order() {
    let (mut d_state, mut d_by) = ([1.0, 2.0], 0.0);
    let mut state = [3.0, 4.0];
    cooled::vjp(&mut state, 2.0, &mut d_state, &mut d_by);
    assert_eq!((state, d_state, d_by), ([12.0, 4.0], [4.0, 2.0], 12.0));
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut state = *x;
        cooled(&mut state, x[1]);
        let by = state[0];
        cooled(&mut state, by);
        state[0] * state[1]
    }
    exact!(
        f,
        |x| {
            let first = x[0] * x[1] * x[1];
            first * first * first * x[1]
        },
        [0.3, 0.7],
        [-1.2, 0.4]
    );
}

fn square_vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    *d_x += seed * 2.0 * x;
    x * x
}

#[differentiable(name = Square, vjp = square_vjp)]
fn square(x: f64) -> f64 {
    x * x
}

struct Squares;

impl Squares {
    #[differentiable(wrt(x), vjp = Self::rule)]
    fn of(&self, x: f64) -> f64 {
        x * x
    }

    fn rule(&self, x: f64, seed: f64, d_x: &mut f64) -> f64 {
        *d_x += seed * 2.0 * x;
        self.of(x)
    }

    #[differentiable(wrt(x))]
    fn cube(&self, x: f64) -> f64 {
        self.of(x) * x
    }
}

#[test]
fn a_rule_for_reverse_mode_alone_is_called_by_another_name_and_as_a_method() {
    #[differentiable]
    fn f(x: f64) -> f64 {
        Square::call(x) * x
    }
    assert_eq!((square(2.0), Square::grad(2.0)), (4.0, 4.0));
    assert_eq!(f::value_and_grad(2.0), (8.0, 12.0));
    assert_eq!(Squares.of_grad(2.0), 4.0);
    assert_eq!(Squares.cube_value_and_grad(2.0), (8.0, 12.0));
}
