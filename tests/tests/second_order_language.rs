//! Second derivatives of every construct of the language, written for `f64` and for any scalar: value, gradient and Hessian against
//! num-dual's exact ones, and the Hessian against itself transposed.

#![allow(clippy::useless_vec, reason = "the constructs that are tested")]

mod exact;

use differentiable::prelude::*;
use exact::{Exact, derivatives};

fn close(got: f64, want: f64, scale: f64, what: &str) {
    assert!((got - want).abs() <= 1e-12 * scale.abs().max(1.0), "{what} is {got}, num-dual gives {want}");
}

/// The largest number of a matrix.
fn largest<const N: usize>(matrix: &[[f64; N]; N]) -> f64 {
    matrix.iter().flatten().fold(0.0, |most, x| most.max(x.abs()))
}

macro_rules! constructs {
    ($($name:ident($x:ident: $n:literal) $body:block at $($point:expr),+;)*) => {$(
        #[test]
        fn $name() {
            #[differentiable(second_order)]
            fn concrete($x: &[f64; $n]) -> f64 $body
            #[differentiable(second_order)]
            fn generic<T: Real>($x: &[T; $n]) -> T $body
            for point in [$($point),+] {
                let (value, gradient, hessian) = derivatives::<$n>(&point, generic::<Exact>);
                let scale = largest(&hessian);
                close(concrete(&point), value, value, "the value");
                for (of, by, rows) in [
                    ("f64", concrete::grad(&point), concrete::hessian(&point)),
                    ("any scalar", generic::grad(&point), generic::hessian(&point)),
                ] {
                    for i in 0..$n {
                        close(by[i], gradient[i], scale.max(gradient[i]), &format!("entry {i} of the gradient of {of} at {point:?}"));
                        for j in 0..$n {
                            let what = format!("entry {i}, {j} of the Hessian of {of} at {point:?}");
                            close(rows[i][j], hessian[i][j], scale, &what);
                            assert!((rows[i][j] - rows[j][i]).abs() <= 1e-13 * scale.max(1.0), "{what} is not that of {j}, {i}");
                        }
                    }
                }
                let direction: [f64; $n] = std::array::from_fn(|i| 0.5 - i as f64);
                let product = concrete::hvp(&point, &direction);
                for i in 0..$n {
                    let want: f64 = (0..$n).map(|j| hessian[i][j] * direction[j]).sum();
                    close(product[i], want, 10.0 * scale, &format!("entry {i} of the product at {point:?}"));
                }
            }
        }
    )*};
}

#[derive(Clone, Debug, Differentiable)]
struct Layer<T: Real> {
    w: [T; 2],
    b: T,
}

impl<T: Real> Layer<T> {
    #[differentiable(wrt(self, x), second_order)]
    fn apply(&self, x: &[T; 2]) -> T {
        (self.w[0] * x[0] + self.w[1] * x[1] * x[1] + self.b).tanh()
    }

    #[differentiable(wrt(self, by), second_order)]
    fn scale(&mut self, by: T) {
        self.w[0] *= by;
        self.b = self.b * by.sin() + self.w[1];
    }
}

#[differentiable(second_order)]
fn wave<T: Real>(x: T, k: T) -> T {
    (x * k).sin() * x.exp()
}

#[differentiable(second_order)]
fn turned<T: Real>(x: &[T; 2], by: T) -> [T; 2] {
    let (s, c) = by.sin_cos();
    [c * x[0] - s * x[1], s * x[0] + c * x[1]]
}

#[differentiable(second_order)]
fn moved<T: Real>(state: &mut [T; 2], by: T) -> T {
    let before = state[0];
    state[0] = state[0] * by + state[1] * state[1];
    state[1] -= before * by;
    before * state[1]
}

#[differentiable(wrt(layer, v), second_order)]
fn used_up<T: Real>(mut layer: Layer<T>, v: Vec<T>, n: usize) -> T {
    layer.b *= v[n];
    layer.w[0] * layer.b + v[0] * v[0]
}

#[differentiable(second_order)]
fn energy<T: Real>(x: &[T]) -> T {
    x.windows(2).map(|w| (w[0] * w[1]).sin()).sum::<T>() * x[0]
}

#[differentiable(second_order)]
fn averages<T: Real>(x: &[T]) -> T {
    let product: T = x.iter().map(|x| *x + 1.5).product();
    x.iter().copied().sum::<T>() / product + x.iter().zip(x).map(|(a, b)| a * b).sum::<T>().sqrt()
}

#[differentiable(second_order)]
fn power<T: Real>(x: T, n: usize) -> T {
    if n == 0 { T::from_f64(1.0) } else { x * power(x, n - 1) }
}

#[differentiable(second_order)]
fn spent<T: Real>(x: T, n: usize) -> T {
    if n == 0 { x * x } else { lent(x * 0.9, n - 1) * x }
}

#[differentiable(second_order, recursive)]
fn lent<T: Real>(x: T, n: usize) -> T {
    if n == 0 { x.exp() } else { spent(x.sin(), n - 1) }
}

constructs! {
    arithmetic(x: 3) { -x[0] * x[1] / (x[2] * x[2] + 1.0) - x[1] % 0.7 * x[0] + (x[0] - x[2]) * 2.5 } at [0.3, 0.9, -0.4], [1.2, -0.3, 0.8];
    maths_of_one_number(x: 2) {
        let y = x[0].exp() * x[1].ln() + x[0].sin() * x[1].cos() + (x[0] * x[1]).tan() + x[1].sqrt() * x[0].cbrt();
        let z = x[0].tanh() + x[1].sinh() * x[0].cosh() + (x[0] * 0.3).asin() * x[1].atan() + x[0].asinh() + (x[1] + 1.5).acosh();
        y * z + (x[0] * 0.4).atanh() * x[1].ln_1p() + x[0].exp_m1() * x[1].exp2() + x[1].log2() * x[0].log10() + x[0].recip() * (x[1] * 0.2).acos()
    } at [0.7, 0.6], [1.1, 0.9];
    maths_of_two_numbers(x: 2) {
        x[0].powf(x[1]) * x[1].powi(3) + x[0].hypot(x[1]) * x[0].atan2(x[1]) + x[0].mul_add(x[1], x[0]) * x[1].powi(-2) + x[1].log(x[0] + 2.0)
    } at [0.7, 0.6], [1.1, 0.9];
    choices_between_numbers(x: 3) {
        let y = x[0].max(x[1]) * x[2].min(x[1]) + (x[0] * x[1]).abs() * x[2];
        y.clamp(x[0] * -5.0, x[1] * x[1] * 9.0) * x[2] + x[0].copysign(x[2]) * x[1] + x[0].floor() * x[1] * x[1] + x[1].fract() * x[0]
    } at [0.7, 0.6, -0.3], [1.1, 1.9, 0.8];
    lets_and_shadows(x: 2) {
        let (a, b) = (x[0] * x[1], x[1].sin());
        let a = a * b;
        let mut c = a;
        c *= a;
        c -= b * x[0];
        (c, _) = (c * b, a);
        c * a
    } at [0.7, 0.6];
    an_if_as_a_value(x: 2) {
        let y = if x[0] > x[1] { x[0] * x[1].exp() } else if x[1] > 5.0 { x[1] } else { x[0].sin() * x[1] };
        y * x[0]
    } at [0.7, 0.6], [0.2, 0.6];
    a_match(x: 2) {
        let mut s = x[0];
        for i in 0..5usize {
            s = match i {
                0 | 4 => s * x[1],
                n if n % 2 == 1 => s.sin() + x[0] * s,
                _ => s * s,
            };
        }
        s
    } at [0.7, 0.6];
    an_if_let(x: 2) {
        let choices = [Some(2usize), None];
        let mut s = x[0] * x[1];
        for choice in choices {
            if let Some(n) = choice { s = s.powi(n as i32) * x[0]; } else { s = s * x[1] + s.exp(); }
        }
        s
    } at [0.7, 0.6];
    loops_with_tapes(x: 3) {
        let mut s = x[0];
        for i in 0..4 {
            let y = s * x[i % 3];
            for j in (0..3).rev() {
                s = (s * x[j] + y).sin() + y * s;
            }
        }
        s
    } at [0.7, 0.6, -0.3];
    a_mean_in_one_pass(x: 4) {
        let mut s = x[0] * 0.0;
        for i in 0..4 {
            s += (x[i] * x[(i + 1) % 4]).exp();
        }
        s / 4.0
    } at [0.7, 0.6, -0.3, 0.2];
    a_while(x: 2) {
        let (mut s, mut k) = (x[0], 0);
        while k < 5 && s < 3.0 {
            s = s * x[1] + s * s;
            k += 1;
        }
        s * x[0]
    } at [0.7, 0.6], [0.2, 0.3];
    breaks_and_continues(x: 3) {
        let mut s = x[0];
        'outer: for i in 0..5 {
            for j in 0..3 {
                if i == j { continue; }
                if s > 4.0 { break 'outer; }
                s = s * (x[j] + 1.1) + s * s * 0.1;
            }
            if i == 3 { break; }
        }
        let last = loop { s = s * x[1] + x[2]; if s < 1.0 { break s * s; } };
        s * last
    } at [0.7, 0.6, 0.3], [0.2, 0.1, 0.5];
    an_early_return(x: 2) {
        let y = x[0] * x[1];
        if y > 0.5 { return y.exp() * x[0]; }
        for i in 0..3 {
            if i == 2 { return y * y.sin() * x[1]; }
        }
        y
    } at [0.7, 0.6], [0.9, 0.8];
    arrays_that_are_overwritten(x: 3) {
        let mut a = [x[0], x[1] * x[2], x[2]];
        let before = a;
        for i in 0..6 {
            a[i % 3] = a[(i + 1) % 3] * a[i % 3] + before[i % 3].sin();
        }
        a.swap(0, 2);
        a[0] * a[1] + before[1] * a[2]
    } at [0.7, 0.6, -0.3];
    nested_arrays(x: 4) {
        let m = [[x[0], x[1]], [x[2], x[3]]];
        let mut p = m;
        for _ in 0..2 {
            let mut q = [[x[0]; 2]; 2];
            for i in 0..2 { for j in 0..2 { q[i][j] = p[i][0] * m[0][j] + p[i][1] * m[1][j]; } }
            p = q;
        }
        p[0][0] * p[1][1] - p[0][1] * p[1][0].cos()
    } at [0.7, 0.6, -0.3, 0.2];
    vectors(x: 3) {
        let mut v = vec![x[0] * x[1]; 3];
        v[1] = x[2].exp();
        let w: Vec<_> = v.iter().zip(x).map(|(v, x)| v * x.sin()).collect();
        let mut s = w[0] * w[1];
        for (i, w) in w.iter().enumerate() { s = s * 0.5 + w * v[i]; }
        let copy = w[1..].to_vec();
        s * copy[1]
    } at [0.7, 0.6, -0.3];
    pushes(x: 2) {
        let mut v = Vec::new();
        for i in 0..4 { v.push(x[i % 2] * x[0].sin()); }
        v[0] * v[1] + v[3] * v[3] * v[2]
    } at [0.7, 0.6];
    tuples_and_structs(x: 3) {
        let pair = (x[0] * x[1], [x[2], x[0]]);
        let layer = Layer { w: pair.1, b: pair.0.sin() };
        let other = Layer { b: x[2] * x[2], ..layer.clone() };
        let Layer { w, b } = other;
        layer.w[0] * layer.b + w[1] * b * pair.0
    } at [0.7, 0.6, -0.3];
    methods(x: 4) {
        let mut layer = Layer { w: [x[0], x[1]], b: x[2] };
        let y = layer.apply(&[x[3], x[0]]);
        layer.scale(y * x[1]);
        layer.apply(&[y, x[3]]) * y + layer.b
    } at [0.7, 0.6, -0.3, 0.2];
    calls(x: 3) {
        let y = turned(&[x[0], x[1]], x[2]);
        let mut state = [y[0], x[2]];
        let mut s = wave(y[1], x[0]);
        for i in 0..3 {
            s = s * moved(&mut state, x[i]) + wave(s, state[0]);
        }
        s + energy(&state) * energy(&x[1..])
    } at [0.7, 0.6, -0.3];
    calls_that_use_up_their_arguments(x: 3) {
        let mut s = x[0] * 0.5;
        for i in 0..2 {
            let v = vec![x[i] * s, s.sin(), x[2]];
            let layer = Layer { w: [x[1], s], b: x[2] * x[i] };
            s += used_up(layer, v, i) * x[0];
        }
        let rest = vec![s, x[1]];
        s * used_up(Layer { w: [x[0], x[1]], b: s }, rest, 1)
    } at [0.7, 0.6, -0.3];
    sums_and_products(x: 3) { averages(x) * averages(&x[..2]) } at [0.7, 0.6, -0.3];
    recursion(x: 2) { power(x[0] * x[1], 3) * power(x[1].sin(), 2) + spent(x[0], 3) * x[1] } at [0.7, 0.6];
    closures(x: 3) {
        let k = x[2].exp();
        let mut total = x[0] * 0.0;
        let f = |y, z| Real::sin(k * y) * z + y;
        let mut add = |y| total += f(y, x[0]) * y;
        add(x[1]);
        add(x[0] * x[2]);
        total * f(x[2], total)
    } at [0.7, 0.6, -0.3];
    chains(x: 4) {
        let s = x.iter().map(|x| x.sin() * x).fold(x[0], |s, y| s * 0.5 + y * s);
        let p = x.iter().skip(1).zip(x.iter().rev()).map(|(a, b)| a * b + 1.5).fold(x[2], |a, b| a * b);
        let m = x.iter().copied().reduce(|a, b| if a > b { a * b } else { b });
        let f = x.iter().enumerate().filter(|(i, _)| i % 2 == 0).map(|(_, x)| x * x * s).fold(x[1], |a, b| a + b);
        let c = x.chunks(2).map(|c| c[0] * c[1]).chain(x.iter().take(2).copied()).fold(f, |a, b| a * b.cos());
        let d = x.iter().scan(x[1], |state, x| { *state = *state * *x + 0.3; Some(*state) }).step_by(2).fold(c, |a, b| a + b * b);
        s * p + d * m.unwrap_or(s)
    } at [0.7, 0.6, -0.3, 0.2];
    arrays_by_functions(x: 3) {
        let a: [_; 3] = std::array::from_fn(|i| x[i] * x[(i + 1) % 3]);
        let b = a.map(|a| a.exp() * x[0]);
        let (first, rest) = b.split_at(1);
        first[0] * rest[1] + rest[0] * a[2]
    } at [0.7, 0.6, -0.3];
    memory(x: 3) {
        let mut a = *x;
        let old = std::mem::replace(&mut a[0], x[1] * x[2]);
        let mut b = [x[0]; 3];
        b[1..].copy_from_slice(&a[..2]);
        std::mem::swap(&mut a, &mut b);
        a[2] *= old;
        for v in a.iter_mut() { *v = *v * *v + 0.2; }
        a[0] * a[1] * a[2] + b[0]
    } at [0.7, 0.6, -0.3];
    options(x: 2) {
        let n = x.len();
        let y = if n > 1 { Some(x[0] * x[1]) } else { None };
        let z = y.map(|y| y.sin()).unwrap_or(x[0]);
        let Some(w) = y else { return x[0] };
        z * w
    } at [0.7, 0.6];
    stopped_gradients(x: 2) { stop_gradient(x[0] * x[1]) * x[0].sin() * x[1] + stop_gradient(x[0]) * x[0] * x[0] } at [0.7, 0.6];
    the_log_of_a_sum_of_exponentials(x: 3) {
        let y = [x[0] * x[1], x[1].sin(), x[2]];
        logsumexp(&y) * x[0]
    } at [0.7, 0.6, -0.3];
    smooth_steps(x: 2) { Real::sigmoid(x[0] * x[1]) * Real::softplus(x[0]) + Real::relu(x[1]) * x[0] } at [0.7, 0.6], [0.3, -0.6];
}
