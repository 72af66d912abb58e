//! What a differentiable function may contain: every construct against finite differences, in both modes.

#![allow(
    clippy::assign_op_pattern,
    clippy::let_and_return,
    clippy::multiple_bound_locations,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{Derivative, agrees};

#[test]
fn operators_and_literals() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let a = x[0] * x[1] - -x[2] / 2.0;
        let b = (a + 3.0) % (x[1] + 7.5);
        -(a * b) + b / (x[0] - 4.0) * 1e-1
    }
    agrees!(f, 3, [1.3, -0.4, 2.2], [0.1, 2.0, -1.0]);
}

#[test]
fn shadowing_and_mutation() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let a = x[0];
        let a = a * x[1];
        let mut b = a.sin();
        b += a;
        b *= b;
        b -= x[1] / b;
        b /= 1.5 + a * a;
        let a = {
            let a = b * 2.0;
            a * a
        };
        b = b.exp() + a;
        b * x[0]
    }
    agrees!(f, 2, [0.8, 1.7], [-0.4, 0.9]);
}

#[test]
fn branches_as_statement_and_as_value() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        if s > 0.0 {
            s = s * s;
        } else if s < -1.0 {
            let t = s.exp();
            s += t * x[1];
        } else {
            s = x[1].cos() * s;
        }
        let y = if x[1] > 1.0 { x[0] * x[1] } else { (x[0] - x[1]).sin() };
        if s > 100.0 {
            s *= 2.0;
        }
        s * y + if y > 0.0 { y } else { 0.0 }
    }
    agrees!(f, 2, [0.8, 1.7], [-0.4, 0.9], [-2.0, 0.3], [-1.5, 2.0]);
}

#[derive(Clone, Copy)]
enum Shape {
    Round { turns: usize },
    Square(f64),
    Flat,
}

#[test]
fn matches_on_inactive_values() {
    #[differentiable(wrt(x))]
    fn area(x: &[f64; 2], shape: Shape, n: i32) -> f64 {
        let a = match shape {
            Shape::Round { turns } => {
                let mut a = x[0];
                for i in 0..turns {
                    a = a.sin() * x[1] + i as f64;
                }
                a
            }
            Shape::Square(side) if side > 1.0 => x[0] * x[0] * side,
            Shape::Square(side) => x[0] * side,
            Shape::Flat => 0.0,
        };
        let b = match n {
            0 => x[0],
            1 | 2 => x[0] * x[1],
            3..=5 => x[1].exp(),
            _ => 1.0,
        };
        a * b + b
    }
    for shape in [Shape::Round { turns: 3 }, Shape::Square(2.0), Shape::Square(0.5), Shape::Flat] {
        for n in 0..7 {
            let pair = |x: &[f64]| [x[0], x[1]];
            Derivative {
                value: &|x| area(&pair(x), shape, n),
                value_and_grad: &|x| {
                    let (value, gradient) = area::value_and_grad(&pair(x), shape, n);
                    (value, gradient.to_vec())
                },
                jvp: &|x, dot| area::jvp(&pair(x), shape, n, &pair(dot)),
            }
            .agree_at(&[0.7, 1.2]);
        }
    }
}

#[test]
fn loops_with_constant_and_run_time_bounds_and_carried_state() {
    #[differentiable]
    fn constant(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        for i in 0..8 {
            s = s * (x[1] * s).cos() + 0.1 * i as f64;
        }
        s
    }
    #[differentiable]
    fn run_time(x: &[f64; 2], n: usize) -> f64 {
        let mut s = x[0];
        let mut total = 0.0;
        for i in 1..=n {
            for j in (0..i).rev() {
                s = (s * x[1]).sin() + j as f64 * 0.01;
                total += s * s;
            }
        }
        total * s
    }
    agrees!(constant, 2, [0.8, 0.7]);
    for n in 0..5 {
        let pair = |x: &[f64]| [x[0], x[1]];
        Derivative {
            value: &|x| run_time(&pair(x), n),
            value_and_grad: &|x| {
                let (value, gradient) = run_time::value_and_grad(&pair(x), n);
                (value, gradient.to_vec())
            },
            jvp: &|x, dot| run_time::jvp(&pair(x), n, &pair(dot)),
        }
        .agree_at(&[0.7, 1.2]);
    }
}

#[test]
fn arrays_changed_in_place() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut a = *x;
        let mut m = [[0.0; 2]; 2];
        for i in 0..4 {
            a[i] = a[i] * a[(i + 1) % 4];
            m[i / 2][i % 2] += a[i].sin();
            m[i % 2][i / 2] *= a[i];
        }
        a[2] += a[0] * a[1];
        let row = m[1];
        let b = [row[0] * 2.0, a[2], [a[3], row[1]][1]];
        m[0] = [b[0], m[1][1]];
        m[0][0] * m[0][1] + b[1] * b[2] + m[1][0]
    }
    agrees!(f, 4, [0.8, 1.7, -0.6, 1.1], [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn tuples_and_destructuring() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let (a, mut b) = (x[0] * x[1], x[2]);
        let t = (a, (b, a * b));
        let (p, (q, r)) = t;
        (b, _) = (p * q, r);
        let [u, v, w] = *x;
        let mut c = u;
        let mut d = v;
        (c, d) = (d, c);
        b * t.0 + t.1.1 * r + c * w - d * d
    }
    agrees!(f, 3, [0.8, 1.7, -0.6]);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer {
    w: [[f64; 3]; 2],
    b: [f64; 2],
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Params {
    layer: Layer,
    out: Vec<f64>,
    scale: f64,
    #[differentiable(skip)]
    index: usize,
}

fn params(x: &[f64]) -> Params {
    let at = |i: usize| x[i % x.len()];
    Params {
        layer: Layer { w: [[at(0), at(1), at(2)], [at(3), at(4), at(5)]], b: [at(6), at(7)] },
        out: vec![at(8), at(9)],
        scale: at(10),
        index: 1,
    }
}

fn flat(p: &Params) -> Vec<f64> {
    let mut all = Vec::new();
    Params::leaves([], [p], &mut |[]: [&mut [f64]; 0], [leaf]| all.extend_from_slice(leaf));
    all
}

#[test]
fn struct_parameters() {
    #[differentiable(wrt(p))]
    fn f(p: &Params, x: &[f64; 3]) -> f64 {
        let mut total = p.scale;
        for i in 0..2 {
            let mut z = p.layer.b[i];
            for j in 0..3 {
                z += p.layer.w[i][j] * x[j];
            }
            total += z.tanh() * p.out[i];
        }
        let row = p.layer.w[p.index];
        let layer = &p.layer;
        total * layer.b[0] + row[2] * row[2]
    }
    let x = [0.5, -1.0, 2.0];
    let point: Vec<f64> = (0..11).map(|i| 0.1 * i as f64 - 0.35).collect();
    Derivative {
        value: &|at| f(&params(at), &x),
        value_and_grad: &|at| {
            let (value, gradient) = f::value_and_grad(&params(at), &x);
            assert_eq!(gradient.index, 1);
            (value, flat(&gradient))
        },
        jvp: &|at, dot| f::jvp(&params(at), &x, &params(dot)),
    }
    .agree_at(&point);
}

#[test]
fn structs_built_and_changed() {
    #[derive(Clone, Copy, Differentiable)]
    struct Point {
        x: f64,
        y: f64,
    }
    #[derive(Clone, Copy, Differentiable)]
    struct Pair(Point, [f64; 2]);
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut p = Point { x: x[0], y: x[1] * x[2] };
        p.x *= p.y;
        let q = Point { y: p.x.sin(), ..p };
        let mut pair = Pair(q, [x[2], 1.0]);
        pair.1[1] += pair.0.y;
        pair.0.x = pair.1[0] * pair.1[1];
        let Point { x: a, y: b } = pair.0;
        a * b + pair.1[1] * p.y
    }
    agrees!(f, 3, [0.8, 1.7, -0.6]);
}

#[test]
fn slices_and_references() {
    #[differentiable]
    fn f(a: &[f64], b: &f64) -> f64 {
        let first = &a[0];
        let mut total = 0.0;
        for i in 0..a.len() {
            total += a[i] * *b + first * b;
        }
        total * a[a.len() - 1]
    }
    for n in 1..4 {
        let point: Vec<f64> = (0..=n).map(|i| 0.3 + 0.2 * i as f64).collect();
        Derivative {
            value: &|x| f(&x[..n], &x[n]),
            value_and_grad: &|x| {
                let (value, (mut d_a, d_b)) = f::value_and_grad(&x[..n], &x[n]);
                d_a.push(d_b);
                (value, d_a)
            },
            jvp: &|x, dot| f::jvp(&x[..n], &x[n], &dot[..n], &dot[n]),
        }
        .agree_at(&point);
    }
}

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn norm(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += square(v[i]);
    }
    s.sqrt()
}

#[differentiable]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[differentiable]
fn step(state: &mut [f64; 2], h: f64) {
    state[1] -= h * state[0].sin();
    state[0] += h * state[1];
}

#[differentiable]
fn polar(r: f64, phi: f64) -> (f64, [f64; 2]) {
    (r * phi, [r * phi.cos(), r * phi.sin()])
}

mod inner {
    use differentiable::prelude::*;

    #[differentiable(wrt(x))]
    pub fn scaled(x: f64, c: f64) -> f64 {
        c * x.exp()
    }
}
use inner::scaled as renamed;

#[test]
fn calls_of_differentiable_functions() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let a = square(x[0]) * square(square(x[1]));
        let n = norm(x);
        let d = dot(x, x) + dot(&[a, n], &[1.0, 2.0]) + dot(&x[1..], &x[..2]);
        let mut s = [a, n];
        for _ in 0..3 {
            step(&mut s, x[2]);
        }
        let (p, [q, r]) = polar(s[0], s[1]);
        let mut local = [p, q, r];
        let before = norm(&local);
        local[0] = before * d;
        norm(&local) + inner::scaled(x[0], 2.0) * renamed(r, 0.5)
    }
    agrees!(f, 3, [0.8, 1.7, -0.6], [0.3, 0.5, 0.2]);
}

#[test]
fn a_mutable_parameter_is_input_and_output() {
    let (mut state, mut d_state, mut d_h) = ([0.6, 1.0], [1.0, 0.0], 0.0);
    step::vjp(&mut state, 0.1, &mut d_state, &mut d_h);
    let mut plain = [0.6, 1.0];
    step(&mut plain, 0.1);
    assert_eq!(state, plain);
    for (index, exact) in d_state.iter().chain([&d_h]).enumerate() {
        let at = |e: f64| {
            let mut s = [0.6 + if index == 0 { e } else { 0.0 }, 1.0 + if index == 1 { e } else { 0.0 }];
            step(&mut s, 0.1 + if index == 2 { e } else { 0.0 });
            s[0]
        };
        let difference = (at(1e-6) - at(-1e-6)) / 2e-6;
        assert!((exact - difference).abs() < 1e-9, "{exact} {difference}");
    }
    let (mut state, mut dot) = ([0.6, 1.0], [0.5, -2.0]);
    step::jvp(&mut state, 0.1, &mut dot, 3.0);
    assert_eq!(state, plain);
    assert!((dot[0] - (0.5 * d_state[0] - 2.0 * d_state[1] + 3.0 * d_h)).abs() < 1e-14);
}

#[test]
fn functions_that_return_arrays_and_tuples() {
    let (mut d_r, mut d_phi) = (1.0, 0.0);
    let value = polar::vjp(2.0, 0.3, &(1.0, [0.0, 2.0]), &mut d_r, &mut d_phi);
    assert_eq!(value, polar(2.0, 0.3));
    assert!((d_r - (1.0 + 0.3 + 2.0 * 0.3f64.sin())).abs() < 1e-15);
    assert!((d_phi - (2.0 + 4.0 * 0.3f64.cos())).abs() < 1e-15);
    let (_, (t, [x, y])) = polar::jvp(2.0, 0.3, 1.0, 0.5);
    assert!((t - 1.3).abs() < 1e-15 && (x - (0.3f64.cos() - 0.3f64.sin())).abs() < 1e-15);
    assert!((y - (0.3f64.sin() + 0.3f64.cos())).abs() < 1e-15);
}

#[test]
#[expect(clippy::redundant_closure_call, reason = "that is what is tested")]
fn closures_called_where_they_stand() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let k = x[0] * 2.0;
        let mut seen = x[1];
        (|t: f64| seen += t * k)(x[0]);
        let capped = (|a: f64, called: f64| {
            if a > 1.0 {
                return called;
            }
            a * called
        })(x[0], seen);
        capped * (|a: f64| (|b: f64| b * b)(a + k))(x[1])
    }
    agrees!(f, 2, [0.8, 1.7]);
    agrees!(f, 2, [1.8, -0.7]);
}

#[test]
fn closures_bound_by_let() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let k = x[0] * 2.0;
        let wave = |t: f64| (k * t).sin();
        let pair = |(a, b): (f64, f64), c: f64| {
            let s = a * b;
            s + c
        };
        let y = wave(x[1]) + wave(wave(x[0]));
        let half = |n: usize| n / 2;
        pair((y, k), x[1]) * x[half(2)]
    }
    agrees!(f, 2, [0.8, 1.7]);
}

#[test]
fn chains_to_sum_and_fold() {
    #[differentiable]
    fn f(x: &[f64; 6], c: &[f64; 6]) -> f64 {
        let dot: f64 = x.iter().zip(c.iter()).map(|(a, b)| a * b).sum();
        let squares = x.iter().map(|v| v * v).sum::<f64>();
        let scaled: f64 = x.iter().enumerate().map(|(i, v)| v * i as f64).sum();
        let back: f64 = x.iter().rev().skip(1).step_by(2).take(2).copied().zip(c).map(|(a, b)| a.sin() * b).sum();
        let steps: f64 = x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
        let blocks: f64 = x.chunks(4).map(|b| b.iter().map(|v| v.exp()).sum::<f64>().ln()).sum();
        let exact: f64 = x.chunks_exact(2).map(|b| b[0] * b[1]).sum();
        let positive: f64 = x.iter().filter(|v| **v > 0.0).map(|v| v.ln()).sum();
        let nested: f64 = (0..3).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| x[i] * x[j]).sum();
        let running: f64 = x
            .iter()
            .scan(1.0, |p, v| {
                *p *= *v;
                Some(*p)
            })
            .sum();
        let both: f64 = x.iter().chain(c.iter()).map(|v| v.cos()).sum();
        let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let poly = x.iter().fold(0.0, |acc, v| acc * 0.5 + v);
        let (s, n) = x.iter().fold((0.0, 0), |(s, n), v| (s + v * v, n + 1));
        let third: f64 = x.iter().zip(c).zip(x).map(|((a, b), d)| a * b * d).sum();
        let seen: f64 = x.iter().inspect(|v| assert!(v.is_finite())).cloned().sum();
        let range: f64 = (1..5).map(|i| x[i] * x[i - 1]).sum();
        dot + squares
            + scaled
            + back
            + steps
            + blocks
            + exact
            + positive
            + nested * running
            + both * max
            + poly * s / n as f64
            + third
            + seen
            + range
    }
    #[differentiable]
    fn alone(x: &[f64; 6]) -> f64 {
        f(x, &[0.5, -1.0, 2.0, 0.3, -0.7, 1.1])
    }
    agrees!(alone, 6, [0.8, 1.7, -0.6, 0.4, 2.2, -1.3]);
}

#[test]
fn sums_begin_as_those_of_the_standard_library() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        x.iter().sum()
    }
    assert_eq!(f::value_and_grad(&[]).0.to_bits(), f(&[]).to_bits());
    assert_eq!(f::value_and_grad(&[-0.0]).0.to_bits(), f(&[-0.0]).to_bits());
    assert_eq!(f::grad(&[1.0, 2.0]), [1.0, 1.0]);
}

#[test]
fn loops_over_data() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut total = 0.0;
        for v in x {
            total += v * v;
        }
        for (i, v) in x.iter().enumerate() {
            total += v * i as f64;
        }
        for w in x.windows(2) {
            total += w[0] * w[1];
        }
        let mut a = [0.0; 4];
        for (a, v) in a.iter_mut().zip(x) {
            *a = v.sin();
            *a *= 2.0;
        }
        for (a, b) in a.iter().zip(x.iter().rev()) {
            total += a * b;
        }
        total
    }
    agrees!(f, 4, [0.8, 1.7, -0.6, 0.4]);
}

#[test]
fn inactive_code_is_copied_and_runs_once() {
    use std::cell::Cell;
    thread_local!(static RUNS: Cell<usize> = const { Cell::new(0) });
    fn tick() -> usize {
        RUNS.set(RUNS.get() + 1);
        2
    }
    #[differentiable(wrt(x))]
    fn f(x: &[f64; 3], names: &[String]) -> f64 {
        let lengths: Vec<usize> = names.iter().map(|name| name.len()).collect();
        let k = tick();
        let mut count = 0;
        let mut i = 0;
        while i < lengths.len() {
            if lengths[i] > k {
                count += 1;
            }
            i += 1;
        }
        assert!(count < 3, "count is {count}, x is {:?}", x);
        debug_assert_eq!(k, 2);
        let text = format!("{k}{}", x[0]);
        println!("{text} {x:?}");
        let mut y = x[count] * k as f64;
        if y > 0.0 && !text.is_empty() {
            y = y * y;
        }
        y + x[lengths[0] % 3]
    }
    let names = ["a".to_owned(), "bcd".to_owned()];
    let (value, gradient) = f::value_and_grad(&[1.0, 2.0, 3.0], &names);
    assert_eq!(RUNS.replace(0), 1);
    assert_eq!((value, gradient), (f(&[1.0, 2.0, 3.0], &names), [0.0, 17.0, 0.0]));
    RUNS.set(0);
    assert_eq!(f::jvp(&[1.0, 2.0, 3.0], &names, &[0.0, 1.0, 0.0]).1, 17.0);
    assert_eq!(RUNS.get(), 1);
}

#[test]
fn stop_gradient_and_casts_to_integers_end_a_dependence() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let n = (x[0] * 10.0) as usize;
        let mut s = x[1] * stop_gradient(x[0] * x[1]);
        for _ in 0..n {
            s += x[0];
        }
        s + x[0].floor()
    }
    assert_eq!(f::grad(&[0.35, 2.0]), [3.0, 0.7]);
}

#[test]
fn precision_is_converted_both_ways() {
    #[differentiable]
    fn f(x: f64, y: f32) -> f64 {
        let a = x as f32 * y;
        f64::from(a) * x + (y * y) as f64
    }
    let (d_x, d_y) = f::grad(0.5, 3.0);
    assert!((d_x - 3.0).abs() < 1e-6 && (d_y - 6.25).abs() < 1e-6, "{d_x} {d_y}");
    assert_eq!(f::jvp(0.5, 3.0, 1.0, 0.0).1, d_x);
}

struct Spring<T> {
    k: T,
    rest: [T; 2],
}

impl<T: Real> Spring<T> {
    #[differentiable(wrt(x))]
    fn energy(&self, x: T) -> T {
        let d = x - self.rest[0];
        T::from_f64(0.5) * self.k * d * d + 2.0 * Self::offset(d)
    }

    #[differentiable(associated)]
    fn offset(d: T) -> T {
        Real::exp(d) * T::sin(d)
    }

    #[differentiable]
    fn twice(&self, x: T) -> T {
        self.energy(x) * self.energy(x * x)
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Quadratic<T> {
    a: T,
    b: [T; 2],
}

impl<T: Real> Quadratic<T> {
    #[differentiable(wrt(self, x))]
    fn at(&self, x: T) -> T {
        self.a * x * x + self.b[0] * x + self.b[1]
    }
}

#[test]
fn methods_of_generic_types() {
    let spring = Spring { k: 2.0, rest: [0.3, 1.0] };
    let at = |e: f64| spring.twice(0.8 + e);
    let difference = (at(1e-6) - at(-1e-6)) / 2e-6;
    assert!((spring.twice_grad(0.8) - difference).abs() < 1e-6);
    let single = Spring { k: 2.0f32, rest: [0.3, 1.0] };
    assert!((f64::from(single.twice_grad(0.8)) - difference).abs() < 1e-4);
    let q = Quadratic { a: 2.0, b: [3.0, 4.0] };
    let (value, (d_q, d_x)) = q.at_value_and_grad(0.5);
    assert_eq!(value, q.at(0.5));
    assert_eq!((d_q, d_x), (Quadratic { a: 0.25, b: [0.5, 1.0] }, 5.0));
    #[differentiable(wrt(q))]
    fn outer(q: &Quadratic<f64>, x: f64) -> f64 {
        let y = q.at(x);
        y * q.at(y)
    }
    let at = |e: f64| outer(&Quadratic { a: 2.0 + e, ..q.clone() }, 0.5);
    assert!((outer::grad(&q, 0.5).a - (at(1e-6) - at(-1e-6)) / 2e-6).abs() < 1e-5);
}

impl<T: Real> Quadratic<T> {
    #[differentiable(wrt(self))]
    fn inverted(&self) -> Self {
        let a: T = 1.0 / self.a;
        Self { a: 0.5 * a, b: [a + 2.0, self.b[1]] }
    }
}

#[test]
fn literals_of_a_method_whose_variables_say_the_scalar() {
    let q = Quadratic { a: 2.0, b: [3.0, 4.0] };
    let (inverted, back) = q.inverted_pullback();
    assert_eq!(inverted, Quadratic { a: 0.25, b: [2.5, 4.0] });
    let mut d_q = Quadratic { a: 0.0, b: [0.0; 2] };
    back(&Quadratic { a: 1.0, b: [2.0, 3.0] }, &mut d_q);
    assert_eq!(d_q, Quadratic { a: -0.625, b: [0.0, 3.0] });
    let single = Quadratic { a: 2.0f32, b: [3.0, 4.0] };
    assert_eq!(single.inverted().b[0], 2.5);
}

#[differentiable]
fn generic<T: Real>(x: T, w: &[T; 2]) -> T {
    let mut s = 0.0;
    for i in 0..2 {
        s += w[i] * x.powi(2);
    }
    if s > 1.0 { 0.5 * s } else { s.max(0.1) - 1.5 }
}

#[test]
fn functions_generic_over_the_scalar() {
    let (value, (d_x, d_w)) = generic::value_and_grad(2.0f64, &[1.0, 3.0]);
    assert_eq!((value, d_x, d_w), (8.0, 8.0, [2.0, 2.0]));
    assert_eq!(generic::grad(2.0f32, &[1.0, 3.0]), (8.0f32, [2.0, 2.0]));
}

#[test]
fn the_scalar_of_a_generic_function_may_be_bounded_twice() {
    #[differentiable]
    fn f<T: Real>(x: T) -> T
    where
        T: Real + Copy,
    {
        2.5 * x.sin() + 0.5
    }
    assert_eq!(f::value_and_grad(0.0f64), (0.5, 2.5));
    assert_eq!(f::grad(0.0f32), 2.5);
}

#[test]
fn parameters_may_be_patterns_and_mutable() {
    #[differentiable]
    fn f((a, b): (f64, f64), mut c: f64, [d, e]: [f64; 2]) -> f64 {
        c *= a;
        c += b * d;
        c * e
    }
    let ((d_a, d_b), d_c, d_de) = f::grad((2.0, 3.0), 5.0, [7.0, 11.0]);
    assert_eq!((d_a, d_b, d_c, d_de), (55.0, 77.0, 22.0, [33.0, 31.0]));
}

#[test]
fn an_inactive_parameter_may_take_an_active_value() {
    #[differentiable(wrt(x))]
    fn f(x: f64, mut s: f64) -> f64 {
        s = s * x;
        s * x
    }
    assert_eq!(f::grad(3.0, 2.0), 12.0);
    assert_eq!(f::jvp(3.0, 2.0, 1.0), (18.0, 12.0));
}

#[test]
fn a_seed_scales_and_vjp_adds() {
    let mut d = 1.0;
    assert_eq!(square::vjp(3.0, 2.0, &mut d), 9.0);
    assert_eq!(d, 13.0);
}

#[test]
#[should_panic(expected = "`d_v` has length 2, but its slice has length 3")]
fn an_adjoint_of_another_length_panics() {
    norm::vjp(&[1.0, 2.0, 3.0], 1.0, &mut [0.0; 2]);
}

#[test]
fn logsumexp_is_differentiable() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        logsumexp(x) * x[0] + logsumexp(&[x[1] * x[2], x[0]])
    }
    agrees!(f, 3, [0.8, 1.7, -0.6]);
}

#[test]
fn literals_beside_concrete_numbers_stay_as_they_are() {
    #[differentiable(wrt(x))]
    fn f<T: Real>(x: &[T], w: f64, ws: &[f64]) -> T {
        let step: f64 = 0.5;
        let half = step * 2.0 + 1.0;
        let k = (ws.len() as f64) / 2.0;
        let c = 0.25;
        let mut s = 0.0;
        for i in 0..ws.len() {
            let v: f64 = i as f64 * 0.5;
            s += x[0] * T::from_f64(v * 2.0 + c * w);
        }
        for v in ws {
            s += x[0] * T::from_f64(v * 2.0);
        }
        let m = ws.iter().map(|v| v * 2.0).sum::<f64>();
        let z: f64 = ws.iter().fold(0.0, |a, b| a + b * 0.5);
        let q = if w > 0.5 { 1.0 } else { 2.0 };
        let flag = w * 2.0 > 1.0;
        let y = if flag { x[0] * 2.0 } else { 0.0 };
        let mut sum = 0.0;
        sum += x[0] * q;
        s * T::from_f64(half * k * 0.5 + ws[0] * 3.0) + 2.0 * x[0] + T::from_f64(m) + T::from_f64(z) + y + sum * x[0]
    }
    agrees!(f(0.7, &[0.2, 0.3]): [0.3]);
    assert_eq!(f::grad(&[0.3f32], 0.7, &[0.2]).len(), 1);
}

#[test]
fn inactive_values_of_any_type_are_there_in_the_reverse_sweep() {
    #[differentiable(wrt(x))]
    fn orders(x: &[f64], n: usize) -> f64 {
        let mut s = 1.0;
        for k in 0..n {
            let order: Vec<usize> = (0..x.len()).map(|i| (i * 3 + k) % x.len()).collect();
            for j in &order {
                s = (s * (1.0 + x[*j] * s)).sin();
            }
            let name = format!("{k}");
            s = s * x[name.len()] + 0.1 * s * s;
        }
        s
    }
    #[differentiable(wrt(x))]
    fn words(x: &[f64], text: &str) -> f64 {
        let mut s = 1.0;
        for word in text.split(' ') {
            let upper = word.to_uppercase();
            if upper.starts_with('A') {
                s = s * x[upper.len() % x.len()] + s.sin();
            }
            for c in upper.chars() {
                s += x[c as usize % x.len()] * s * 0.01;
            }
        }
        s
    }
    #[differentiable(wrt(x))]
    fn pairs(x: &[f64], n: usize) -> f64 {
        let (mut s, mut k) = (1.0, 0);
        while k < n {
            let weights = vec![0.5; k + 1];
            let pair = (k, String::from("ab"));
            s = weights.iter().map(|w| w * s * x[pair.0 % x.len()]).sum::<f64>().cos() + pair.1.len() as f64 * s;
            k += 1;
        }
        s
    }
    agrees!(orders(3): [0.3, 0.4, 0.7]);
    agrees!(words("alpha beta ab"): [0.3, 0.4, 0.7]);
    agrees!(pairs(3): [0.3, 0.4, 0.7]);
}

#[test]
fn names_are_imported_as_a_whole_in_a_body() {
    mod metres {
        pub const FOOT: f64 = 0.3048;
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        use metres::*;
        let circle = {
            use std::f64::consts::*;
            x[0] * PI + (x[1] * E * LN_2).sin()
        };
        circle * FOOT
    }
    differentiable_tests::agrees_twice!(f, 2, [0.3, 0.7]);
}

#[test]
fn closures_count_in_cells_what_they_compute() {
    use std::cell::{Cell, RefCell};
    #[differentiable(wrt(x))]
    fn f(x: f64, seen: &RefCell<Vec<f64>>, calls: &Cell<usize>) -> f64 {
        let square = |y: f64| {
            seen.borrow_mut().push(3.0);
            calls.set(calls.get() + 1);
            y * y
        };
        square(x) + square(x * x)
    }
    #[differentiable(wrt(x))]
    fn g(x: &[f64], count: &RefCell<usize>) -> f64 {
        let texts = format!("{}", x[0] * 2.0).len();
        let squares: f64 = x
            .iter()
            .map(|y| {
                *count.borrow_mut() += 1;
                y * y
            })
            .sum();
        squares * texts as f64
    }
    let (seen, calls, count) = (RefCell::new(vec![]), Cell::new(0), RefCell::new(0));
    assert_eq!(f::value_and_grad(2.0, &seen, &calls), (20.0, 36.0));
    assert_eq!((seen.borrow().len(), calls.get()), (2, 2));
    assert_eq!(g::value_and_grad(&[2.0, 3.0], &count), (13.0, vec![4.0, 6.0]));
    assert_eq!(count.into_inner(), 2);
}

#[test]
fn a_float_beside_the_scalar_is_a_constant() {
    #[differentiable(wrt(y))]
    fn f(x: impl Real, y: f64) -> f64 {
        if x > x.recip() { y * y * 3.0 } else { y }
    }
    assert_eq!(f::grad(2.0f32, 0.5), 3.0);
}

#[test]
fn literals_of_maths_by_its_path_are_lifted() {
    #[differentiable]
    fn f<T: Real>(x: &[T; 2]) -> T {
        let [x, y] = *x;
        let extremes = Real::max(x, 0.25) * T::min(y, 3.0) + <T as Real>::max(0.5, y);
        extremes + T::mul_add(x, 2.0, -1.0) * Real::clamp(y, 0.0, 1.0) + Real::powf(x, 0.5) * Real::powi(y, 2)
    }
    #[differentiable(wrt(x))]
    fn beside_numbers<T: Real>(x: &[T], w: f64) -> T {
        let (k, m) = (f64::max(w, 1.0), Real::max(w, 0.5));
        x[0] * T::from_f64(k) + T::max(x[1], 0.1) * T::from_f64(m * Real::min(0.5, w))
    }
    agrees!(f: [0.3, 0.7], [0.1, 0.4]);
    agrees!(beside_numbers(0.7): [0.3, 0.7]);
}
