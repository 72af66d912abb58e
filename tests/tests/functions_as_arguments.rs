//! Closures as arguments: differentiable functions that call differentiable functions with closures.

use differentiable::prelude::*;
use differentiable_tests::{Derivative, agrees};

/// The integral of a function by Simpson's rule.
#[differentiable]
fn quad(f: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let n = 8;
    let h = (b - a) / n as f64;
    let mut sum = f(a) + f(b);
    for i in 1..n {
        let weight = if i % 2 == 1 { 4.0 } else { 2.0 };
        sum += weight * f(a + h * i as f64);
    }
    sum * h / 3.0
}

#[differentiable]
fn literal(a: f64, b: f64) -> f64 {
    quad(|t| a * t * t, 0.0, b).sin()
}

#[differentiable]
fn bound(a: f64, b: f64) -> f64 {
    let f = |t: f64| (a * t).exp();
    quad(f, a, b) * b
}

#[differentiable]
fn nested(a: f64, b: f64) -> f64 {
    quad(|x| quad(|y| (x * y * a).sin(), 0.0, x), 0.5, b).exp()
}

macro_rules! two {
    ($f:ident) => {
        Derivative {
            value: &|x| $f(x[0], x[1]),
            value_and_grad: &|x| {
                let (value, (da, db)) = $f::value_and_grad(x[0], x[1]);
                (value, vec![da, db])
            },
            jvp: &|x, dot| $f::jvp(x[0], x[1], dot[0], dot[1]),
        }
    };
}

#[test]
fn what_a_closure_captures_has_a_derivative() {
    two!(literal).agree_at(&[1.3, 0.7]);
    two!(bound).agree_at(&[0.3, 0.9]);
    two!(nested).agree_at(&[0.8, 1.4]);
}

/// Generic over the scalar, with the bound in `where`.
#[differentiable]
fn trapeze<T: Real, F>(f: F, a: T, b: T) -> T
where
    F: Fn(T) -> T,
{
    let n = 4;
    let h = (b - a) / T::from_usize(n);
    let mut sum = 0.5 * (f(a) + f(b));
    for i in 1..n {
        sum += f(a + h * T::from_usize(i));
    }
    sum * h
}

#[differentiable]
fn generic_callee(a: f64, b: f64) -> f64 {
    trapeze(|t| (a * t).sin() + b, a, 2.0) * trapeze(|t: f64| t * b, 0.0, 1.0)
}

#[differentiable]
fn generic_caller<T: Real>(a: T, b: T) -> T {
    trapeze(|t| 2.0 * a * t.exp(), a - b, b)
}

/// Passes its function on, as a reference, in a closure, and by value in the end.
#[differentiable]
fn passes_on<F: Fn(f64) -> f64>(f: F, a: f64, b: f64) -> f64 {
    let first = quad(&f, 0.0, a);
    let second = quad(|t| f(t) * f(b * t), a, 1.0);
    first * second + f(b) * quad(f, b, 2.0)
}

#[differentiable]
fn through(a: f64, b: f64) -> f64 {
    passes_on(|t| (a * t).cos() + t, b, a * b)
}

/// What is called with an integer, and what is called with several arguments.
#[differentiable(wrt(k))]
fn sum_over(f: impl Fn(usize) -> f64, k: f64, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        sum += k * f(i);
    }
    sum
}

#[differentiable]
fn indexed(x: &[f64; 4], a: f64) -> f64 {
    sum_over(|i| x[i] * x[i] * a, x[0] * a, 4) + sum_over(|i| i as f64 * a, 2.0, 3)
}

#[differentiable]
fn apply(f: impl Fn(&[f64; 2], f64, usize) -> f64, x: &[f64; 2], s: f64) -> f64 {
    let mut y = [x[0] * s, x[1]];
    for i in 0..3 {
        let value = f(&y, s, i);
        y = [y[1] + value, y[0] * value];
    }
    y[0] * f(x, s, 1) + y[1]
}

#[differentiable]
fn several(w: &[f64; 3], b: f64) -> f64 {
    let mut scale = b;
    scale *= w[0];
    let value = apply(
        |x, s, i| {
            let [p, q] = *x;
            if i % 2 == 0 { p * w[i] + q * scale } else { (s * p * q).tanh() * w[0] }
        },
        &[w[1], b],
        w[2],
    );
    scale *= 3.0;
    value * scale
}

/// A step of Runge's and Kutta's method for a system.
#[differentiable(wrt(y, h))]
fn rk4(f: impl Fn(f64, &[f64; 2]) -> [f64; 2], t: f64, y: &[f64; 2], h: f64) -> [f64; 2] {
    let k1 = f(t, y);
    let k2 = f(t + 0.5 * h, &[y[0] + 0.5 * h * k1[0], y[1] + 0.5 * h * k1[1]]);
    let k3 = f(t + 0.5 * h, &[y[0] + 0.5 * h * k2[0], y[1] + 0.5 * h * k2[1]]);
    let k4 = f(t + h, &[y[0] + h * k3[0], y[1] + h * k3[1]]);
    [y[0] + h / 6.0 * (k1[0] + 2.0 * k2[0] + 2.0 * k3[0] + k4[0]), y[1] + h / 6.0 * (k1[1] + 2.0 * k2[1] + 2.0 * k3[1] + k4[1])]
}

#[differentiable]
fn pendulum(k: f64, damping: f64) -> f64 {
    let mut y = [0.7, 0.0];
    for i in 0..5 {
        let t = 0.1 * i as f64;
        y = rk4(|t, y| [y[1] + 0.1 * t, -k * y[0].sin() - damping * y[1]], t, &y, 0.1);
    }
    y[0] * y[0] + y[1]
}

/// Calls itself with its function.
#[differentiable]
fn iterated(f: &impl Fn(f64) -> f64, x: f64, n: usize) -> f64 {
    if n == 0 { x } else { iterated(f, f(x), n - 1) }
}

#[differentiable]
fn four_times(a: f64, b: f64) -> f64 {
    iterated(&|x| a * x * (1.0 - x), b, 4) * a
}

#[derive(Clone, Debug, Differentiable)]
struct Line {
    slope: f64,
    offset: f64,
}

impl Line {
    #[differentiable(wrt(self, a))]
    fn integral(&self, f: impl Fn(f64, f64) -> f64, a: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..4 {
            let x = a * i as f64;
            sum += f(x, self.slope * x + self.offset);
        }
        sum
    }

    #[differentiable(wrt(self, p))]
    fn weighted(&self, p: f64) -> f64 {
        let middle = self.offset * p;
        self.integral(|x, y| (x - middle) * y * p, p).sqrt()
    }
}

#[differentiable(wrt(line, p))]
fn of_line(line: &Line, p: f64) -> f64 {
    line.weighted(p) + line.integral(|x, y| x * y * line.slope, p)
}

#[differentiable]
fn early(a: f64, b: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..3 {
        let shift = i as f64 * b;
        total += quad(|t| (a * t + shift).exp(), 0.0, 1.0 + shift);
    }
    total / 3.0
}

#[differentiable]
fn loops_inside(a: f64, b: f64) -> f64 {
    let g = |t: f64, k: usize| {
        let mut p = 1.0;
        for i in 0..k {
            p = p * t * a + i as f64 * b;
        }
        p
    };
    let f = |t| {
        let mut sum = 0.0;
        for k in 0..4 {
            if k == 2 {
                continue;
            }
            sum += g(t, k) * b;
        }
        match sum > 1.0 {
            true => sum.ln(),
            false => sum * g(b, 2),
        }
    };
    quad(f, 0.0, b).sin() + quad(f, 1.0, a)
}

#[test]
fn closures_of_every_kind_are_passed() {
    two!(generic_callee).agree_at(&[1.1, 0.4]);
    two!(through).agree_at(&[0.6, 1.2]);
    two!(pendulum).agree_at(&[2.0, 0.3]);
    two!(four_times).agree_at(&[3.1, 0.2]);
    two!(early).agree_at(&[0.7, 0.2]);
    two!(loops_inside).agree_at(&[1.3, 0.9]);
}

#[test]
fn what_is_called_has_any_shape() {
    let derivative = Derivative {
        value: &|x| generic_caller(x[0], x[1]),
        value_and_grad: &|x| {
            let (value, (da, db)) = generic_caller::value_and_grad(x[0], x[1]);
            (value, vec![da, db])
        },
        jvp: &|x, dot| generic_caller::jvp(x[0], x[1], dot[0], dot[1]),
    };
    derivative.agree_at(&[1.3, 0.9]);
    let derivative = Derivative {
        value: &|x| indexed(&[x[0], x[1], x[2], x[3]], x[4]),
        value_and_grad: &|x| {
            let (value, (dx, da)) = indexed::value_and_grad(&[x[0], x[1], x[2], x[3]], x[4]);
            (value, vec![dx[0], dx[1], dx[2], dx[3], da])
        },
        jvp: &|x, dot| indexed::jvp(&[x[0], x[1], x[2], x[3]], x[4], &[dot[0], dot[1], dot[2], dot[3]], dot[4]),
    };
    derivative.agree_at(&[1.3, 0.9, -0.4, 0.2, 0.8]);
    let derivative = Derivative {
        value: &|x| several(&[x[0], x[1], x[2]], x[3]),
        value_and_grad: &|x| {
            let (value, (dx, da)) = several::value_and_grad(&[x[0], x[1], x[2]], x[3]);
            (value, vec![dx[0], dx[1], dx[2], da])
        },
        jvp: &|x, dot| several::jvp(&[x[0], x[1], x[2]], x[3], &[dot[0], dot[1], dot[2]], dot[3]),
    };
    derivative.agree_at(&[1.3, 0.9, -0.4, 0.8]);
    let line = |x: &[f64]| Line { slope: x[0], offset: x[1] };
    let derivative = Derivative {
        value: &|x| of_line(&line(x), x[2]),
        value_and_grad: &|x| {
            let (value, (d, dp)) = of_line::value_and_grad(&line(x), x[2]);
            (value, vec![d.slope, d.offset, dp])
        },
        jvp: &|x, dot| of_line::jvp(&line(x), x[2], &line(dot), dot[2]),
    };
    derivative.agree_at(&[1.3, 0.9, 0.8]);
}

/// The same integral, of second order.
#[differentiable(second_order)]
fn smooth_quad(f: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let h = (b - a) / 4.0;
    let mut sum = 0.5 * (f(a) + f(b));
    for i in 1..4 {
        sum += f(a + h * i as f64);
    }
    sum * h
}

#[differentiable(second_order)]
fn curved(x: &[f64; 3]) -> f64 {
    let mut scale = x[2];
    scale *= scale;
    let outer = smooth_quad(|t| (x[0] * t * scale).sin() * smooth_quad(|s| s * t * x[1].exp(), 0.0, x[2]), 0.0, x[1]);
    outer * outer + smooth_quad(|t| t * t * x[0], x[0], x[1])
}

#[differentiable(second_order)]
fn passes_twice(f: impl Fn(f64) -> f64, a: f64) -> f64 {
    smooth_quad(&f, 0.0, a) * f(a) + smooth_quad(|t| f(t * a).exp(), 0.0, 1.0)
}

#[differentiable(second_order)]
fn curved_through(x: &[f64; 2]) -> f64 {
    passes_twice(|t| x[0] * t * t + x[1], x[1]) * x[0]
}

#[test]
fn second_derivatives_go_through_closures() {
    fn compare<const N: usize>(x: [f64; N], grad: impl Fn(&[f64; N]) -> [f64; N], hessian: [[f64; N]; N]) {
        for (i, row) in hessian.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = x;
                moved[i] += step;
                grad(&moved)
            };
            let h = 1e-3;
            let (p1, m1, p2, m2) = (at(h), at(-h), at(2.0 * h), at(-2.0 * h));
            for (j, exact) in row.iter().enumerate() {
                let difference = (8.0 * (p1[j] - m1[j]) - (p2[j] - m2[j])) / (12.0 * h);
                assert!((difference - exact).abs() < 1e-7 * exact.abs().max(1.0), "({i}, {j}): {exact}, not {difference}");
                assert!((exact - hessian[j][i]).abs() < 1e-11 * exact.abs().max(1.0), "({i}, {j}) is not symmetric");
            }
        }
    }
    differentiable_tests::agrees!(curved, 3, [0.4, 0.9, 1.2]);
    differentiable_tests::agrees!(curved_through, 2, [0.4, 0.9]);
    compare([0.4, 0.9, 1.2], curved::grad, curved::hessian(&[0.4, 0.9, 1.2]));
    compare([0.4, 0.9], curved_through::grad, curved_through::hessian(&[0.4, 0.9]));
}

#[test]
fn the_halves_apart_take_functions() {
    let f = |x: f64| x.sin() + x * x;
    let f_vjp = |x: f64, seed: f64, d_x: &mut f64| {
        *d_x += seed * (x.cos() + 2.0 * x);
        f(x)
    };
    let (value, back) = quad::pullback(f, f_vjp, 0.2, 1.4);
    let (mut da, mut db) = (0.0, 0.0);
    back(2.0, &mut da, &mut db);
    let (ga, gb) = quad::grad(f, f_vjp, 0.2, 1.4);
    assert_eq!(value, quad(f, 0.2, 1.4));
    assert!((da - 2.0 * ga).abs() < 1e-14 && (db - 2.0 * gb).abs() < 1e-14);

    let k = 1.3;
    let field = |t: f64, y: &[f64; 2]| [y[1] * t, -k * y[0]];
    let field_vjp = |t: f64, y: &[f64; 2], seed: &[f64; 2], d_t: &mut f64, d_y: &mut [f64; 2]| {
        *d_t += seed[0] * y[1];
        d_y[1] += seed[0] * t;
        d_y[0] -= seed[1] * k;
        field(t, y)
    };
    let (dy, dh) = rk4::jacobian(field, field_vjp, 0.5, &[0.3, 0.8], 0.1);
    let columns = [[1.0, 0.0], [0.0, 1.0]].map(|dot| rk4::jvp(field, field_vjp, 0.5, &[0.3, 0.8], 0.1, &dot, 0.0).1);
    let (_, along_h) = rk4::jvp(field, field_vjp, 0.5, &[0.3, 0.8], 0.1, &[0.0, 0.0], 1.0);
    for row in 0..2 {
        for column in 0..2 {
            assert!((dy[row][column] - columns[column][row]).abs() < 1e-14);
        }
        assert!((dh[row] - along_h[row]).abs() < 1e-14);
    }
}

/// Whether a predicate of an active value holds.
#[differentiable(wrt(x))]
fn damped(hold: impl Fn(f64) -> bool, f: impl Fn(f64) -> f64, x: f64) -> f64 {
    if hold(x) { f(x) } else { 0.5 * f(x) * x }
}

#[differentiable]
fn predicate(a: f64, b: f64) -> f64 {
    let limit = 0.5;
    damped(|t| t * a > limit, |t| t * a, b) + damped(|t| t < limit, |t| (t * a).exp(), b)
}

#[test]
fn a_closure_may_give_a_truth_value() {
    two!(predicate).agree_at(&[1.3, 0.7]);
    two!(predicate).agree_at(&[1.3, 0.2]);
}

#[test]
fn what_a_caller_runs_is_run_once() {
    use std::cell::Cell;
    thread_local!(static RUNS: Cell<[u32; 2]> = const { Cell::new([0; 2]) });
    fn count(which: usize) {
        let mut runs = RUNS.get();
        runs[which] += 1;
        RUNS.set(runs);
    }
    #[differentiable]
    fn callee(f: impl Fn(f64) -> f64, a: f64) -> f64 {
        count(0);
        f(a) * f(2.0 * a)
    }
    #[differentiable]
    fn caller(a: f64, b: f64) -> f64 {
        callee(
            |t| {
                count(1);
                t * b
            },
            a,
        )
        .exp()
    }
    let (value, _) = caller::value_and_grad(0.3, 0.8);
    assert_eq!(RUNS.replace([0; 2]), [1, 2]);
    assert_eq!(value, caller(0.3, 0.8));
    RUNS.set([0; 2]);
    let _ = caller::jvp(0.3, 0.8, 1.0, 1.0);
    assert_eq!(RUNS.get(), [1, 2]);
}

#[test]
fn closures_of_one_call_share_what_they_capture() {
    #[differentiable]
    fn newton(g: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64, start: f64) -> f64 {
        let mut x = start;
        for _ in 0..20 {
            x -= g(x) / slope(x);
        }
        x
    }
    #[differentiable]
    fn root(p: &[f64; 2]) -> f64 {
        let start = p[0] * 2.0;
        newton(|x| x * x * x - p[0] * x - p[1] + 0.0 * start, |x| 3.0 * x * x - p[0] + 0.0 * start, start)
    }
    agrees!(root, 2, [0.8, 0.3], [1.5, 2.0]);
    let mut adjoint = [0.0; 2];
    let (value, back) = root::pullback(&[0.8, 0.3]);
    back(1.0, &mut adjoint);
    assert_eq!(value, root(&[0.8, 0.3]));
    for (adjoint, gradient) in adjoint.iter().zip(root::grad(&[0.8, 0.3])) {
        assert!((adjoint - gradient).abs() < 1e-12);
    }
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Body {
    mass: f64,
    at: [f64; 2],
}

#[differentiable(wrt(body, t))]
fn twice(energy: impl Fn(&Body) -> f64, body: &Body, t: f64) -> f64 {
    energy(body) * t + energy(&Body { mass: t, at: body.at })
}

#[test]
fn closures_take_structs_that_an_active_parameter_is_of() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let body = Body { mass: x[0], at: [x[1], x[2]] };
        let w = x[1];
        twice(|b: &Body| b.mass * b.at[1] + w * b.at[0], &body, x[2]) + twice(|b| b.mass * b.mass, &body, x[0])
    }
    agrees!(f: [0.3, 0.7, 0.4]);
}
