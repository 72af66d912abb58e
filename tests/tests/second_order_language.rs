//! Second derivatives of every construct of the language, written for `f64` and for any scalar: value, gradient and Hessian against
//! num-dual's exact ones, and the Hessian against itself transposed.

#![allow(
    clippy::useless_vec,
    clippy::bool_assert_comparison,
    clippy::clone_on_copy,
    clippy::double_ended_iterator_last,
    clippy::for_kv_map,
    clippy::needless_late_init,
    clippy::toplevel_ref_arg,
    clippy::useless_conversion,
    reason = "the constructs that are tested"
)]

mod exact;

use differentiable::prelude::*;
use differentiable_tests::agrees_twice;
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

#[differentiable(second_order)]
fn halves<T: Real>(p: &mut (T, [T; 2]), by: T) -> (T, [T; 2]) {
    p.1[0] *= by;
    (p.0 * by, [p.1[1].sin(), p.1[0]])
}

/// Its own derivative by `partials`: x² y.
#[differentiable(partials(x = 2.0 * x * y, y = value / y), second_order)]
fn squared_times<T: Real>(x: T, y: T) -> T {
    x * x * y
}

/// A chain of functions under other names.
mod named {
    use differentiable::prelude::*;

    pub mod inner {
        use super::*;

        #[differentiable(second_order)]
        pub fn bump<T: Real>(x: T, y: T) -> T {
            (x * y).exp() * x
        }
    }

    pub use inner::bump as lift;
}

/// What is chosen.
enum Choice {
    Power(i32),
    Scale { by: u8 },
    Nothing,
}

impl<T: Real> Layer<T> {
    #[differentiable(associated, second_order)]
    fn bent(x: T, k: T) -> T {
        (x * k).sin() * k
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Named<T: Real> {
    layers: [Layer<T>; 2],
    #[differentiable(skip)]
    name: &'static str,
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
    memory_that_is_exchanged(x: 3) {
        let (mut u, mut next) = (x.to_vec(), vec![x[0] * x[1]; 3]);
        for t in 0..4 {
            for i in 1..3 {
                next[i] = u[i] + x[2] * u[i - 1] * u[i];
            }
            if t != 2 {
                std::mem::swap(&mut u, &mut next);
            }
        }
        u[0] * u[1] + next[1] * u[2] * u[2]
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
    remainders_and_units(x: 2) {
        let turned = (x[0] * 400.0).to_radians().sin() * x[1].to_degrees();
        (x[0] * x[1] * 10.0).rem_euclid(3.0) * x[1] + x[0].clone() * turned.to_owned() + x[1].trunc() * x[0] + x[0].round() * x[0] * x[0]
    } at [0.7, 0.6], [-1.2, 1.4];
    asserted_values(x: 2) {
        let y = x[0] * x[1];
        assert!(y > -10.0, "the product is {y:?}");
        debug_assert_ne!(x.len(), 3);
        let small = y < 5.0 && !x[0].is_nan();
        assert_eq!(small, true);
        y.exp() * x[0]
    } at [0.7, 0.6];
    patterns(x: 4) {
        let [first, middle @ .., last] = x;
        let ref product = *first * *last;
        let pair @ (a, _) = (*product * middle[0], middle[1]);
        let late;
        if a > 0.0 { late = pair.0 * pair.1; } else { late = pair.0.sin(); }
        let Layer { w: [u, v], .. } = Layer { w: [late, a], b: *first };
        u * v * late
    } at [0.7, 0.6, -0.3, 0.2], [0.7, -0.6, -0.3, 0.2];
    assignment_by_patterns(x: 3) {
        let mut a = [x[0], x[1], x[2]];
        let (mut b, mut c) = (x[0] * x[1], x[2]);
        [a[1], _, a[2]] = [a[0] * a[1], b, a[2] * b];
        (b, c) = (c * c, b);
        Layer { w: [a[0], b], b: c } = Layer { w: [b * c, a[1]], b: a[2] * x[0] };
        (a[0], b) = (b.sin(), a[0] * b);
        a[0] * b + c * a[2] * a[1]
    } at [0.7, 0.6, -0.3];
    references_to_places(x: 3) {
        let mut a = [[x[0], x[1]], [x[2], x[0] * x[2]]];
        let i = 1;
        let row = &mut a[i];
        row[0] *= row[1];
        let cell = &mut row[1];
        *cell = *cell * x[1] + x[0];
        let shared = &a[0];
        shared[0] * a[1][0] + shared[1] * a[1][1] * a[1][1]
    } at [0.7, 0.6, -0.3];
    a_let_else(x: 2) {
        let choices = [Some(3), None, Some(2)];
        let mut s = x[0];
        for choice in choices {
            let Some(n) = choice else { s *= x[1]; continue };
            s = s.powi(n) + x[0];
        }
        let [a, b] = x;
        s * *a * *b
    } at [0.7, 0.6];
    matches_of_active_values(x: 2) {
        let steps = match x[0] * x[1] {
            y if y > 1.0 => y.sin() * x[0],
            y if y < 0.5 && y > -0.2 => { let z = y * y; z * x[1] }
            y => y.exp() * x[0],
        };
        let (a, b) = match (x[0] > 0.0, 3u8) { (true, 0..=4) => (x[0], steps), (false, _) | (_, 5) => (steps, x[1]), _ => (x[1], x[1]) };
        a * b * steps
    } at [0.7, 0.6], [1.4, 0.9], [-0.3, 0.4], [-0.9, 1.2];
    enums_without_active_values(x: 2) {
        let choices = [Choice::Power(3), Choice::Scale { by: 2 }, Choice::Nothing];
        let mut s = x[0] * x[1];
        for choice in &choices {
            match choice {
                Choice::Power(n) => s = s.powi(*n) * x[0],
                Choice::Scale { by } if *by > 1 => s += s * s * x[1] * 0.5,
                Choice::Scale { .. } | Choice::Nothing => s = s.sin(),
            }
        }
        s
    } at [0.7, 0.6];
    ranges_of_all_kinds(x: 3) {
        let mut s = x[0];
        for i in 1..=2 { s = s * x[i] + s.sin(); }
        for i in (0..3).step_by(2) { s = s * s + x[i]; }
        for (i, x) in x.iter().enumerate().rev() { if i != 1 { s += s * *x; } }
        for x in *x { s = (s * x).cos(); }
        for i in [2usize, 0].map(|i| (i + 1) % 3) { s = s * x[i] + x[0]; }
        s
    } at [0.7, 0.6, -0.3];
    a_while_let(x: 2) {
        let mut steps = vec![1, 2, 3];
        let mut s = x[0];
        while let Some(n) = steps.pop() { s = (s * x[1] + x[0]).powi(n); }
        s
    } at [0.7, 0.6];
    labelled_blocks(x: 2) {
        let y = 'found: {
            for i in 0..3 {
                let z = x[0].powi(i) * x[1];
                if z < 0.4 { break 'found z * z; }
            }
            x[1]
        };
        'done: {
            if y > 5.0 { break 'done y; }
            y * x[0] * x[1].exp()
        }
    } at [0.7, 0.6], [1.4, 0.9];
    ends_of_sequences(x: 4) {
        let mut a = *x;
        let (first, rest) = x.split_first().unwrap();
        let (last, _) = rest.split_last().unwrap();
        if let Some(a) = a.first_mut() { *a *= *last; }
        if let Some(a) = a.last_mut() { *a = *a * *a; }
        let (left, right) = a.split_at_mut(2);
        left[1] *= right[0];
        right[1] += left[0] * left[1];
        let got = a.get(1).unwrap();
        *got * a[3] * *x.last().unwrap() + *first * *x.first().unwrap()
    } at [0.7, 0.6, -0.3, 0.2];
    changes_of_sequences(x: 3) {
        let mut v = x.to_vec();
        v.extend_from_slice(&x[1..]);
        v.extend(x.iter().map(|x| x.sin()));
        v.reverse();
        v[..2].fill(x[0] * x[1]);
        v.swap(0, 4);
        let three = [v[1], v[4], v[6]];
        let mut s = v[0];
        for i in 0..v.len() { s = s * v[i] + three[i % 3]; }
        s
    } at [0.7, 0.6, -0.3];
    parts_of_fixed_length(x: 4) {
        let mut s = x[0];
        for c in x.chunks_exact(2) { s = s * c[0] + c[1] * c[1]; }
        for w in x.windows(3) { s += w[0] * w[1] * w[2] * s; }
        for (c, d) in x.chunks(3).zip(x.chunks(2)) { s = s * d[0] + c[0].exp(); }
        s
    } at [0.7, 0.6, -0.3, 0.2];
    more_chains(x: 4) {
        let products: Vec<_> = x.iter().filter_map(|x| if *x > 0.0 { Some(*x * x.sin()) } else { None }).collect();
        let mut s = products.iter().fold(x[0], |s, p| s * p + 0.3);
        s = (0..2).flat_map(|i| (0..2).map(move |j| (i, j))).map(|(i, j)| x[i] * x[j + 2]).fold(s, |s, y| s * y + y);
        s = x.iter().take_while(|x| **x > -0.2).map(|x| *x * *x).fold(s, |a, b| a * b + b);
        s = x.iter().skip_while(|x| **x > 0.65).cloned().fold(s, |a, b| a + b * b * a);
        s = x.iter().map_while(|x| if *x > -0.2 { Some(x.exp()) } else { None }).fold(s, |a, b| a * 0.5 + b);
        let pairs = [[x[0], x[1]], [x[2], x[3]]];
        s = pairs.iter().flatten().inspect(|_| ()).fold(s, |a, b| a * *b + a);
        x.iter().rfold(s, |a, b| a.sin() + a * *b)
    } at [0.7, 0.6, -0.3, 0.2];
    ends_of_chains(x: 4) {
        let mut total = x[0];
        x.iter().for_each(|x| total = total * *x + x.exp());
        let next = x.iter().map(|x| *x * *x).next().unwrap_or(total);
        let last = x.iter().map(|y| *y * x[1]).last().unwrap();
        let second = x.iter().map(|y| y.sin()).nth(1).unwrap();
        let found = x.iter().find(|x| **x < 0.0).copied().unwrap_or(total);
        let first = x.iter().find_map(|x| if *x < 0.65 { Some(*x * total) } else { None }).unwrap();
        let most = x.iter().copied().max_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
        let least = x.iter().copied().min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap();
        next * last * total + second * found * first + most * least * most
    } at [0.7, 0.6, -0.3, 0.2];
    extremes_by_folds(x: 3) {
        let most = x.iter().map(|y| *y * x[0]).fold(x[1], |a, b| a.max(b));
        let least = x.iter().copied().fold(x[0] * x[2], |a, b| a.min(b * b));
        most * most * least
    } at [0.7, 0.6, -0.3], [-0.4, 0.9, 1.2];
    options_in_full(x: 3) {
        let some = if x.len() == 3 { Some(x[0] * x[1]) } else { None };
        let other = some.and_then(|y| if y > 0.0 { Some(y.sin()) } else { None }).or(Some(x[2]));
        let kept = other.filter(|y| *y > -5.0).map_or(x[0], |y| y * y * x[1]);
        let pair = Some([x[0], x[2]]);
        let turned = pair.map(|[a, b]| [b * a, a.exp()]).unwrap();
        let from_inactive = Some(2usize).map(|i| x[i] * x[0]);
        match from_inactive { Some(b) => some.unwrap_or(b) * b * kept + turned[0] * turned[1], None => kept }
    } at [0.7, 0.6, -0.3], [-0.4, 0.9, 1.2];
    tuples_that_are_lent(x: 3) {
        let mut p = (x[0] * x[1], [x[1], x[2].sin()]);
        let q = halves(&mut p, x[0]);
        let r = halves(&mut p, q.0);
        p.0 * q.1[0] * p.1[0] + r.0 * r.1[1]
    } at [0.7, 0.6, -0.3];
    parts_that_are_lent(x: 4) {
        let mut p = *x;
        let first = energy(&p[..3]);
        p[1] *= first;
        energy(&p[1..]) * first + energy(&p)
    } at [0.7, 0.6, -0.3, 0.2];
    calls_by_other_names(x: 2) {
        use named::lift as raised;
        named::inner::bump(x[0], x[1]) * raised(x[1], x[0] * x[0]) + named::lift(x[0], 0.5 * x[1]) + Layer::bent(x[0], x[1])
    } at [0.7, 0.6];
    given_partials(x: 2) { squared_times(x[0] * x[1], x[1].exp()) * squared_times(x[1], x[0]) } at [0.7, 0.6];
    early_returns_of_closures(x: 2) {
        let bounded = |y, z| {
            if y > z { return y * z; }
            let w = Real::sin(y * z);
            w * y
        };
        bounded(x[0], x[1]) * bounded(x[1], x[0]) * x[0]
    } at [0.7, 0.6];
    conditions_of_the_compiler(x: 2) {
        #[cfg(not(target_pointer_width = "16"))]
        let y = x[0] * x[1].sin();
        #[cfg(target_pointer_width = "16")]
        let y = x[0];
        y * y * x[1]
    } at [0.7, 0.6];
    structs_of_structs(x: 4) {
        let layer = Layer { w: [x[0], x[1] * x[2]], b: x[3] };
        let other = Layer { b: x[0] * x[0], ..layer.clone() };
        let mut all = Named { layers: [layer, other], name: "all" };
        all.layers[1].w[0] *= all.layers[0].apply(&[x[1], x[2]]);
        all.layers[0].scale(x[3]);
        let Named { layers, .. } = all;
        let [first, second] = &layers;
        first.w[0] * second.w[0] + first.b * second.apply(&[x[0], first.w[1]])
    } at [0.7, 0.6, -0.3, 0.2];
    inactive_code_between(x: 2) {
        let mut counts = std::collections::BTreeMap::new();
        for word in "a b a".split(' ') { *counts.entry(word).or_insert(0) += 1; }
        let mut s = x[0];
        for (_, n) in &counts { s = (s * x[1]).powi(*n) + x[0]; }
        s
    } at [0.7, 0.6];
}

/// Each derivative is of the type of its parameter.
#[test]
fn conversions_between_floats() {
    #[differentiable(second_order)]
    fn f(x: f32, y: f64) -> f64 {
        let a = f64::from(x) * y;
        let b: f64 = x.into();
        (a * b).sin() * (x as f64) + ((y * a) as f32 * x) as f64
    }
    let (x, y) = (0.5f32, 0.75f64);
    let exact = |x: &[Exact; 2]| {
        let a = x[0] * x[1];
        (a * x[0]).sin() * x[0] + x[1] * a * x[0]
    };
    let (_, gradient, hessian) = derivatives(&[f64::from(x), y], exact);
    let (d_x, d_y) = f::grad(x, y);
    let near = |got: f64, want: f64| assert!((got - want).abs() < 1e-6, "{got} is not {want}");
    near(f64::from(d_x), gradient[0]);
    near(d_y, gradient[1]);
    let ((xx, xy), (yx, yy)) = f::hessian(x, y);
    near(f64::from(xx), hessian[0][0]);
    near(f64::from(xy), hessian[0][1]);
    near(f64::from(yx), hessian[1][0]);
    near(yy, hessian[1][1]);
}

/// The second derivative of the error function is -2x times the first.
#[test]
fn the_error_function() {
    #[differentiable(second_order)]
    fn f(x: f64) -> f64 {
        Real::erf(x)
    }
    for x in [-1.2, 0.0, 0.4, 2.0] {
        let slope = std::f64::consts::FRAC_2_SQRT_PI * f64::exp(-x * x);
        close(f::grad(x), slope, 1.0, "the slope");
        close(f::hessian(x), -2.0 * x * slope, 1.0, "the bend");
    }
}

/// A space whose scalar is known by its type alone.
#[derive(Clone, Copy, Debug, Differentiable)]
struct Pair<T: Real> {
    x: T,
    y: T,
}

impl<T: Real> Pair<T> {
    #[differentiable(wrt(self, other), second_order)]
    fn plus(self, other: Self) -> Self {
        Self { x: self.x + other.x * other.x, y: self.y * other.y }
    }

    #[differentiable(wrt(self, k, other), second_order)]
    fn along(&self, k: T, other: &Self) -> T {
        self.x.hypot(self.y * k) * other.x
    }
}

#[test]
fn members_of_generic_types_with_several_of_them() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let (a, b) = (Pair { x: x[0], y: x[1] }, Pair { x: x[2], y: x[3] });
        let c = a.plus(b);
        c.along(x[0], &a) + b.plus(c).y
    }
    agrees_twice!(f, 4, [0.3, 0.7, 0.4, 1.1]);
}
