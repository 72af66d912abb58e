//! Calls of differentiable functions with arguments of every kind, by every kind of name, in both modes against differences.

#![allow(unused_qualifications, clippy::too_many_arguments, clippy::explicit_auto_deref, reason = "the forms are what is tested")]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[differentiable]
fn square(x: f64) -> f64 {
    x * x
}

#[test]
fn a_function_in_the_body_hides_one_of_the_module() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        #[differentiable]
        fn square(x: f64) -> f64 {
            x * x * x
        }
        square(x[0]) + x[1]
    }
    agrees!(f: [0.4, -1.2]);
    assert_eq!(f(&[2.0, 0.0]), 8.0);
    assert_eq!(square::grad(2.0), 4.0);
}

#[differentiable(wrt(x))]
fn counts(x: f64, calls: &mut usize) -> f64 {
    *calls += 1;
    x * x * *calls as f64
}

#[test]
fn an_inactive_place_is_lent_outside_of_wrt() {
    #[differentiable]
    fn of_its_own(x: &[f64]) -> f64 {
        let mut calls = 0;
        let a = counts(x[0] * x[1], &mut calls);
        let b = counts(x[0], &mut calls);
        a * b + calls as f64
    }
    #[differentiable(wrt(x))]
    fn passed_on(x: &[f64], calls: &mut usize) -> f64 {
        let mut s = 0.0;
        for v in x {
            s += counts(*v, calls) * s + counts(x[0], &mut *calls);
        }
        s
    }
    agrees!(of_its_own: [0.4, -1.2]);
    agrees!(passed_on(&mut 1): [0.3, 0.4, 0.7]);
}

trait Weights {
    fn weight(&self, i: usize) -> f64;
}

#[derive(Clone)]
struct Linear(f64);

impl Weights for Linear {
    fn weight(&self, i: usize) -> f64 {
        self.0 * i as f64
    }
}

#[differentiable(wrt(x))]
fn by_value<W: Weights>(x: &[f64], weights: W) -> f64 {
    x.iter().enumerate().map(|(i, v)| v * v * weights.weight(i)).sum()
}

#[differentiable(wrt(x))]
fn by_reference<W: Weights + ?Sized>(x: &[f64], weights: &W) -> f64 {
    x.iter().enumerate().map(|(i, v)| v * v * weights.weight(i)).sum()
}

#[differentiable(wrt(x))]
fn by_impl(x: &[f64], weights: impl Weights) -> f64 {
    x.iter().enumerate().map(|(i, v)| v * v * weights.weight(i)).sum()
}

#[differentiable(wrt(x))]
fn scaled<S: Into<f64>>(x: f64, scale: S) -> f64 {
    let scale: f64 = scale.into();
    x * x * scale
}

#[test]
fn parameters_are_of_types_that_are_no_scalars() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let weights = Linear(2.0);
        let a = by_value(x, weights.clone());
        let b = by_reference(x, &weights);
        let c = by_impl(x, Linear(1.5));
        let d = scaled(x[0], 2.0f32);
        a * b + c * d
    }
    struct Borrowed<'a>(&'a [f64]);
    impl Weights for Borrowed<'_> {
        fn weight(&self, i: usize) -> f64 {
            self.0[i]
        }
    }
    agrees!(f: [0.4, -1.2, 0.7]);
    agrees!(by_value(Borrowed(&[0.5, 0.2])): [0.4, -1.2]);
}

#[differentiable]
fn many(a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64, i: f64, j: f64, k: f64, l: f64, m: f64) -> f64 {
    a * b + c * d + e * f + g * h + i * j + k * l * m
}

#[differentiable]
fn more(
    (a, b, c): (f64, f64, f64),
    d: f64,
    e: f64,
    f: f64,
    g: f64,
    h: f64,
    i: f64,
    j: f64,
    k: f64,
    l: f64,
    m: f64,
    n: f64,
    o: f64,
    p: f64,
    q: f64,
    r: f64,
    s: f64,
) -> f64 {
    a * b * c + d * e + f * g + h * i + j * k + l * m + n * o + p * q + r * s
}

#[test]
fn there_are_many_arguments() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let (a, b) = (x[0], x[1]);
        let s = many(a, b, a, 2.0, b, a, a, b, 1.0, a, b, a, b);
        let t = more((a, b, a), b, a, b, a, b, a, 1.0, a, b, a, b, a, b, a, b, s);
        s * t
    }
    agrees!(f: [0.4, -1.2]);
}

#[differentiable(wrt(x))]
fn times(x: f64, k: usize) -> f64 {
    x * x * k as f64
}

#[test]
fn arguments_have_effects_once_and_in_order() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut n = 0;
        let mut next = || {
            n += 1;
            n
        };
        let a = times(x[0], next());
        let b = times(x[1], next());
        let mut k = 1;
        let c = times(x[0], {
            k += 2;
            k
        });
        let d = square({
            k += 1;
            x[1] * k as f64
        });
        a * b + c * d
    }
    agrees!(f: [0.4, -1.2]);
}

mod model {
    use differentiable::prelude::*;

    #[differentiable]
    pub fn loss(x: f64) -> f64 {
        x * x
    }

    pub mod deep {
        use super::*;

        #[differentiable]
        pub(crate) fn cube(x: f64) -> f64 {
            super::loss(x) * x
        }
    }

    pub mod energy {}

    #[differentiable(name = Energy, second_order)]
    pub fn energy(x: f64) -> f64 {
        x * x * x
    }

    #[differentiable(name = Scale)]
    pub fn scale<T: Real>(x: &[T], k: T) -> T {
        x.iter().map(|v| *v * k).sum()
    }
}

use model::deep::cube as cubed;
use model::loss as renamed;

#[test]
fn they_go_through_modules_and_renames() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = renamed(x[0]) + model::loss(x[1]) + crate::model::deep::cube(x[0]) + self::cubed(x[2]);
        a * a
    }
    agrees!(f: [0.4, -1.2, 0.7]);
}

#[test]
fn a_function_of_another_name_is_called_by_it() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = model::Energy::call(x[0]) * x[1];
        a * a + model::Scale::call(x, x[2])
    }
    #[differentiable(second_order)]
    fn twice(x: f64) -> f64 {
        model::Energy::call(x) * x
    }
    agrees!(f: [0.4, -1.2, 0.7]);
    assert_eq!(twice::hessian(2.0), 48.0);
    assert_eq!(model::Energy::call(2.0), model::energy(2.0));
}

/// A space that is not `Copy`.
#[derive(Clone, Debug, Differentiable)]
struct Layer {
    weights: Vec<f64>,
    bias: f64,
}

impl Layer {
    #[differentiable(second_order, wrt(self, x))]
    fn run(self, x: f64) -> f64 {
        let mut sum = self.bias;
        for weight in &self.weights {
            sum += (weight * x).sin();
        }
        sum
    }

    #[differentiable(second_order, wrt(self, x))]
    fn with(mut self, x: f64) -> Self {
        self.weights.push(x * self.bias);
        self.bias *= x;
        self
    }
}

#[test]
fn a_method_uses_its_receiver_up() {
    #[differentiable(second_order, wrt(layer, x))]
    fn of_a_parameter(layer: &Layer, x: f64) -> f64 {
        layer.clone().run(x).powi(2) * layer.clone().with(x).run(x)
    }
    #[differentiable(second_order)]
    fn cloned(x: &[f64; 3]) -> f64 {
        let layer = Layer { weights: vec![x[0], x[1]], bias: x[2] };
        let lent = of_a_parameter(&layer, x[1]);
        let before = layer.clone().run(x[0]);
        before * layer.run(x[1]) + lent
    }
    #[differentiable(second_order)]
    fn built(x: &[f64; 3]) -> f64 {
        Layer { weights: vec![x[0], x[1]], bias: x[2] }.with(x[0]).with(x[1] * 2.0).run(x[1])
    }
    agrees_twice!(cloned, 3, [0.3, 0.5, 1.5], [-0.7, 1.1, 0.2]);
    agrees_twice!(built, 3, [0.3, 0.5, 1.5], [-0.7, 1.1, 0.2]);
}

/// A layer of sizes that are parameters of one letter.
#[derive(Clone, Debug, Differentiable)]
struct Dense<const I: usize, const O: usize> {
    weights: [[f64; I]; O],
    bias: [f64; O],
}

impl<const I: usize, const O: usize> Dense<I, O> {
    #[differentiable(second_order, wrt(self, x))]
    fn forward(&self, x: &[f64; I]) -> [f64; O] {
        let mut out = self.bias;
        for (out, row) in out.iter_mut().zip(&self.weights) {
            *out += 0.5 * row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
            *out = out.max(0.0);
        }
        out
    }

    #[differentiable(second_order, wrt(self, other))]
    fn distance(&self, other: &Dense<I, O>) -> f64 {
        let mut sum = 0.0;
        for i in 0..O {
            sum += 2.0 * (self.bias[i] - other.bias[i]).powi(2);
        }
        sum
    }
}

#[test]
fn constants_of_one_letter_are_no_scalars() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let layer = Dense { weights: [[x[0], x[1]], [x[2], -1.0]], bias: [0.1, x[3]] };
        let other = Dense { weights: [[0.0; 2]; 2], bias: [x[0], 0.5] };
        layer.forward(&[0.4, x[1]]).iter().sum::<f64>() * layer.distance(&other)
    }
    agrees_twice!(f, 4, [0.3, 0.5, 1.5, 0.7]);
}

trait Kernel {
    fn width(&self) -> f64;
}

/// Not `Copy`.
struct Named(f64, String);

impl Kernel for Named {
    fn width(&self) -> f64 {
        self.0 + self.1.len() as f64
    }
}

#[differentiable(wrt(x))]
fn apply(kernel: &dyn Kernel, x: f64) -> f64 {
    (x / kernel.width()).sin()
}

#[test]
fn trait_objects_are_lent_from_boxes_and_made_on_the_spot() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], kernels: &[Box<dyn Kernel>]) -> f64 {
        let mut s = 0.0;
        for (i, kernel) in kernels.iter().enumerate() {
            s += apply(&**kernel, x[i] * x[0] + s);
        }
        for kernel in kernels.iter() {
            s += apply(kernel.as_ref(), s);
        }
        for v in x {
            s += apply(&Named(0.4, "wide".to_owned()), s + v);
        }
        let own: Box<dyn Kernel> = Box::new(Named(0.7, String::new()));
        s * apply(&*kernels[0], x[1] * x[1]) + apply(&*own, s)
    }
    let kernels: Vec<Box<dyn Kernel>> = vec![Box::new(Named(0.5, String::new())), Box::new(Named(0.5, "a".to_owned()))];
    agrees!(f(&kernels): [0.3, 0.7]);
}

/// Borrows, and derives nothing.
struct View<'a> {
    data: &'a [f64; 3],
    n: usize,
}

#[differentiable(wrt(x))]
fn wave(view: &View, x: f64) -> f64 {
    view.data[..view.n].iter().map(|d| (d * x).cos()).sum()
}

#[test]
fn a_literal_that_borrows_is_made_again() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], n: usize, all: &[[f64; 3]]) -> f64 {
        let local = [1.0, 2.0, 0.5];
        let view = View { data: &local, n: 3 };
        let mut s = wave(&view, x[0]) * x[1];
        for i in 0..all.len() {
            let local = [1.0 + i as f64, 2.0, 0.5];
            let (near, far) = (View { data: &local, n }, &View { data: &all[i], n });
            s = 0.1 * wave(&near, x[0] * s) * x[1] + 0.1 * wave(far, x[1] + s);
            s += wave(&View { data: &all[i], n: 2 }, s) * 0.1;
        }
        if n > 2 {
            let local = [n as f64; 3];
            let view = View { n: local.len(), data: &local };
            s += wave(&view, x[1] * s);
        }
        s
    }
    agrees!(f(3, &[[0.3, 0.4, 0.1], [0.5, 0.4, 0.1]]): [0.3, 0.7]);
    agrees!(f(2, &[]): [0.3, 0.7]);
}

#[differentiable(wrt(x), second_order)]
fn of_rows(rows: &[&[f64]], x: f64) -> f64 {
    rows.iter().map(|row| row.iter().map(|v| (v * x).sin()).product::<f64>()).sum()
}

#[differentiable(wrt(x), second_order)]
fn of_pairs(rows: &[(&str, &[f64])], x: f64) -> f64 {
    rows.iter().map(|(name, row)| row.len() as f64 * x.powi(name.len() as i32)).sum()
}

#[test]
fn a_literal_of_references_has_its_type_from_the_parameter() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let (own, n) = ([0.7], 2);
        let mut s = of_rows(&[&[1.0], &[2.0, 3.0]], x[0]) * of_rows(&[&own, &[-1.5, 2.0], &own[..], &[0.5; 3]], x[1]);
        for _ in 0..n {
            s = 0.5 * s * of_rows(&[&[0.1, 0.2], &[3.0]], s + x[0]) + of_pairs(&[("a", &[1.0]), ("bcd", &[])], s);
        }
        s
    }
    agrees_twice!(f, 2, [0.3, 0.7]);
}

/// A type, and parameters and a function of its name.
mod names {
    use differentiable::prelude::*;

    pub struct N;

    #[allow(non_snake_case, reason = "the name is what is tested")]
    pub fn M() -> N {
        N
    }

    #[differentiable(wrt(x), second_order)]
    pub fn squares<const N: usize>(f: impl Fn(f64) -> f64, x: &[f64; N]) -> f64 {
        let mut s = 1.0;
        for i in 0..N {
            s = s * f(x[i]) + s.sin() * x[i];
        }
        s
    }

    #[differentiable(second_order)]
    pub const fn powers<const M: usize>(x: &[f64; M]) -> f64 {
        let mut s = 1.0;
        let mut i = 0;
        while i < M {
            s = s * x[i] + s * s;
            i += 1;
        }
        s
    }

    #[differentiable(second_order)]
    pub fn greatest<const N: usize>(x: &[f64; N]) -> f64 {
        let mut s = x[0] * x[0];
        for i in 0..N {
            s = s.max(x[i] * x[i]);
        }
        s
    }
}

#[test]
fn a_constant_parameter_may_share_its_name_with_a_type() {
    let (names::N, names::N) = (names::M(), names::N);
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let k = x[0];
        names::squares(|t| t * t * k, x) * names::powers(x) + names::greatest::<3>(x)
    }
    agrees_twice!(f, 3, [0.3, 0.7, -0.2]);
}

#[derive(Clone, Debug, Differentiable)]
struct Ring {
    data: [f64; 4],
    sum: f64,
    #[differentiable(skip)]
    at: usize,
}

impl Ring {
    #[differentiable(wrt(self, x), second_order)]
    fn push(&mut self, x: f64) {
        self.sum += x * x - self.data[self.at];
        self.data[self.at] = x;
        self.at = (self.at + 1) % 4;
    }

    #[differentiable(wrt(self), second_order)]
    fn pop(&mut self) -> f64 {
        std::mem::replace(&mut self.data[0], 0.5)
    }

    #[differentiable(wrt(self, v), second_order)]
    fn fill(&mut self, v: f64) {
        for d in self.data.iter_mut() {
            *d = v * v;
        }
    }

    #[differentiable(wrt(self), second_order)]
    fn clear(&mut self) {
        self.sum = 0.0;
    }

    #[differentiable(wrt(self, others), second_order)]
    fn extend(&mut self, others: &[f64]) {
        for v in others {
            self.sum += v * v;
        }
    }

    #[differentiable(wrt(self), second_order)]
    fn swap(&mut self, i: usize, j: usize) {
        self.data.swap(i, j);
        self.sum *= 2.0;
    }

    fn len(&self) -> usize {
        self.data.len()
    }

    #[differentiable(wrt(self), second_order)]
    fn mean(&self) -> f64 {
        self.sum / self.len() as f64
    }
}

/// A complex number: its name is one letter.
#[derive(Clone, Copy, Debug, Differentiable)]
struct C {
    re: f64,
    im: f64,
}

impl C {
    #[differentiable(wrt(self, o), second_order)]
    fn times(self, o: C) -> C {
        C { re: self.re * o.re - self.im * o.im, im: self.re * o.im + self.im * o.re }
    }

    #[differentiable(wrt(self), second_order)]
    fn exp(self) -> C {
        let (sin, cos) = self.im.sin_cos();
        C { re: self.re.exp() * cos, im: self.re.exp() * sin }
    }

    #[differentiable(wrt(self), second_order)]
    fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }

    #[differentiable(wrt(self), second_order)]
    fn powi(self, n: i32) -> C {
        let mut power = C { re: 1.0, im: 0.0 };
        for _ in 0..n {
            power = power.times(self);
        }
        power
    }
}

#[test]
fn methods_of_own_structs_have_any_name() {
    #[differentiable(wrt(ring, x), second_order)]
    fn through_a_reference(ring: &mut Ring, x: f64) -> f64 {
        ring.push(x);
        ring.pop() * 2.0
    }
    #[differentiable(second_order)]
    fn rings(x: &[f64; 3]) -> f64 {
        let mut ring = Ring { data: [x[0]; 4], sum: x[2], at: 0 };
        ring.push(x[1]);
        let popped = ring.pop();
        let mean = ring.mean();
        ring.clear();
        ring.fill(x[2]);
        ring.extend(&x[1..]);
        ring.swap(0, 1);
        popped * ring.sum * ring.data[2] + mean * through_a_reference(&mut ring, x[0])
    }
    #[differentiable(second_order)]
    fn numbers(x: &[f64; 3]) -> f64 {
        let z = C { re: x[0], im: x[1] };
        let e: C = z.exp();
        let cube = z.powi(3);
        e.abs() * cube.re + z.times(C { re: x[2], im: 0.5 }).im
    }
    differentiable_tests::agrees_twice!(rings, 3, [0.3, 0.7, 1.1], [-0.2, 0.4, 0.9]);
    differentiable_tests::agrees_twice!(numbers, 3, [0.3, 0.7, 1.1], [-0.2, 0.4, 0.9]);
}

#[test]
#[allow(non_snake_case, reason = "so it is called in mathematics")]
fn names_of_functions_may_begin_with_a_capital() {
    #[differentiable(second_order)]
    fn Phi(x: f64) -> f64 {
        1.0 / (1.0 + (-1.7 * x).exp())
    }
    #[derive(Clone, Debug, Differentiable)]
    struct Meters(f64);
    #[differentiable(second_order)]
    fn price(x: &[f64; 3]) -> f64 {
        let [s, k, t] = *x;
        let d = ((s / k).ln() + t) / t.sqrt();
        let length = Meters(s * s);
        let p = Phi(d);
        let q: f64 = Phi(d - t.sqrt());
        s * p - [q][0] * k + length.0
    }
    #[differentiable(second_order)]
    fn last(x: &[f64; 3]) -> f64 {
        if x[0] > 0.0 { Phi(x[0] * x[1]) } else { Phi(x[2]) }
    }
    differentiable_tests::agrees_twice!(price, 3, [1.3, 0.7, 0.5]);
    differentiable_tests::agrees_twice!(last, 3, [1.3, 0.7, 0.5], [-1.3, 0.7, 0.5]);
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Plane {
    re: f64,
    im: f64,
}

impl Plane {
    #[differentiable(wrt(self))]
    fn squared(&self) -> f64 {
        self.re * self.re + self.im * self.im
    }
    #[differentiable(wrt(self))]
    fn doubled(self) -> Self {
        Plane { re: 2.0 * self.re, im: self.im }
    }
    #[differentiable(wrt(self, other))]
    fn dot(self, other: Self) -> f64 {
        self.re * other.re + self.im * other.im
    }
    #[differentiable(wrt(self))]
    fn twice(self) -> f64 {
        Self::dot(self, self) + Self::dot(self.doubled(), Self::doubled(self))
    }
    #[differentiable(associated, wrt(of, by))]
    fn scaled(of: Self, by: f64) -> Self {
        Plane { re: of.re * by, im: of.im * by }
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Listed {
    list: Vec<f64>,
    by: f64,
}

impl Listed {
    #[differentiable(wrt(self))]
    fn total(self) -> f64 {
        self.by * self.list.iter().sum::<f64>()
    }
}

#[test]
fn methods_by_value_are_called_by_their_paths() {
    #[differentiable]
    fn of_copies(x: &[f64; 2]) -> f64 {
        let c = Plane { re: x[0], im: x[1] };
        let scaled = Plane::scaled(c, x[0]);
        Plane::squared(&Plane::doubled(c)) + Plane::dot(c, Plane::doubled(scaled)) + Plane::twice(c)
    }
    #[differentiable]
    fn in_loops(x: &[f64; 2]) -> f64 {
        let mut c = Plane { re: x[0], im: x[1] };
        let mut s = 0.0;
        for i in 0..4 {
            s += Plane::dot(c, Plane::doubled(c)) * s;
            if i % 2 == 0 {
                c = Plane::scaled(Plane::doubled(c), x[1]);
            }
            s += Plane::twice(c);
        }
        s
    }
    #[differentiable]
    fn of_lists(x: &[f64; 2]) -> f64 {
        let c = Listed { list: vec![x[0], x[1]], by: x[0] };
        Listed::total(c.clone()) * Listed::total(c)
    }
    agrees!(of_copies: [0.3, 0.7]);
    agrees!(in_loops: [0.3, 0.7]);
    agrees!(of_lists: [0.3, 0.7]);
}

/// Functions with the names that derivatives give their own parameters and variables.
mod named_like_what_is_generated {
    use differentiable::prelude::*;

    macro_rules! named {
        ($($name:ident)*) => {
            $(
                #[differentiable(second_order)]
                pub fn $name(x: &[f64; 2], k: f64) -> f64 {
                    x[0] * x[1] * x[1] * k
                }
            )*
        };
    }

    named!(seed d_x x_dot d_k k_dot seed_dot result function tangent value back unit gradient product x_skipped x_row slope);
}

#[test]
fn functions_may_have_the_names_of_generated_variables() {
    use named_like_what_is_generated::{
        back, d_k, d_x, function, gradient, k_dot, product, result, seed, seed_dot, slope, tangent, unit, value, x_dot, x_row,
        x_skipped,
    };
    #[differentiable(second_order)]
    fn all(x: &[f64; 2]) -> f64 {
        let k = x[0];
        let one = seed(x, k) + d_x(x, k) + x_dot(x, k) + d_k(x, k) + k_dot(x, k) + seed_dot(x, k) + result(x, k);
        let two = function(x, k) + tangent(x, k) + value(x, k) + back(x, k) + unit(x, k);
        one * two + gradient(x, k) * product(x, k) + x_skipped(x, k) * x_row(x, k) + slope(x, k)
    }
    agrees_twice!(all, 2, [0.3, 0.7]);
    let (x, along) = ([0.3, 0.7], [1.0, 0.0]);
    assert_eq!(seed::hvp(&x, 2.0, &along, 0.0), result::hvp(&x, 2.0, &along, 0.0));
    assert_eq!(d_x::pullback(&x, 2.0).0, x_dot(&x, 2.0));
    assert_eq!(seed::hessian(&x, 2.0), tangent::hessian(&x, 2.0));
}

#[differentiable]
fn doubled(x: &[f64; 3]) -> [f64; 3] {
    x.map(|v| v * 2.0)
}

struct Scaled(f64);

impl Scaled {
    #[differentiable(wrt(x))]
    fn forward(&self, x: &[f64; 3]) -> [f64; 3] {
        x.map(|v| v * self.0)
    }

    #[differentiable(wrt(x))]
    fn layer(&self, x: &[f64; 3]) -> [f64; 3] {
        self.forward(x).map(|v| v.tanh())
    }

    #[differentiable(wrt(x))]
    fn twice(&self, x: &[f64; 3]) -> f64 {
        self.forward(&self.layer(x).map(f64::sin)).map(|v| v.tanh()).iter().sum()
    }
}

#[test]
fn the_array_that_a_call_gives_is_mapped() {
    #[differentiable]
    fn result(x: &[f64; 3]) -> [f64; 3] {
        doubled(x).map(|v| v.tanh())
    }
    #[differentiable]
    fn inside(x: &[f64; 3]) -> f64 {
        let s: f64 = doubled(x).map(|v| v * v).iter().sum();
        let mut h = *x;
        for _ in 0..2 {
            h = doubled(&doubled(&h).map(f64::tanh)).map(|v| v * s);
        }
        result(&h)[0] + doubled(&h).map(|v| v.exp())[1]
    }
    #[differentiable]
    fn left_early(x: &[f64; 3]) -> f64 {
        #[differentiable]
        fn chosen(x: &[f64; 3], k: usize) -> [f64; 3] {
            if k > 1 {
                return doubled(x).map(|v| v.cos());
            }
            *x
        }
        chosen(x, 1)[0] * chosen(x, 2)[2] + Scaled(0.7).twice(x)
    }
    agrees!(inside: [0.3, -0.2, 0.5]);
    agrees!(left_early: [0.3, -0.2, 0.5]);
}

#[test]
fn functions_of_types_are_called_by_the_type_in_brackets() {
    struct Squares;
    impl Squares {
        #[differentiable(associated)]
        fn square(x: f64) -> f64 {
            x * x
        }
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        <f64>::sin(x[0]) + <f64>::max(x[1], 0.2) + x.map(<f64>::cos)[1] * <Squares>::square(x[0])
    }
    #[differentiable]
    fn generic<T: Real>(x: &[T; 2]) -> T {
        <T>::sin(x[0]) * <T>::max(x[1], 0.2)
    }
    agrees!(f: [0.3, 0.7], [0.3, 0.1]);
    agrees!(generic: [0.3, 0.7], [0.3, 0.1]);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V3(f64, f64);

#[test]
fn tuple_structs_that_are_compared_are_no_functions() {
    #[differentiable]
    fn equal(x: &[f64]) -> f64 {
        let o = V3(x[0] - x[1], x[1] * x[2]);
        if o == V3(0.0, 0.0) {
            1.0
        } else if V3(1.0, 0.0) != o {
            2.0 * o.0 * o.1
        } else {
            x[0]
        }
    }
    agrees!(equal: [0.7, 1.3, 0.4]);
    agrees!(equal: [0.7, 0.7, 0.0]);
}

#[test]
fn a_method_keeps_of_its_receiver_what_its_backward_half_needs() {
    #[derive(Clone, Debug, Differentiable)]
    struct Matrix {
        #[differentiable(skip)]
        columns: usize,
        data: Vec<f64>,
    }
    impl Matrix {
        #[differentiable(wrt(self))]
        fn at(&self, i: usize, j: usize) -> f64 {
            self.data[i * self.columns + j]
        }
        #[differentiable(wrt(self))]
        fn square(&self, i: usize, j: usize) -> f64 {
            self.at(i, j) * self.data[i * self.columns + j]
        }
        #[differentiable(wrt(self, v))]
        fn set(&mut self, i: usize, j: usize, v: f64) {
            self.data[i * self.columns + j] = v;
        }
        #[differentiable(wrt(self, v))]
        fn scale(&mut self, i: usize, j: usize, v: f64) -> f64 {
            self.data[i * self.columns + j] *= v;
            self.data[i * self.columns + j] * self.data[0]
        }
    }
    #[differentiable]
    fn determinant(x: &[f64; 9]) -> f64 {
        let n = 3;
        let mut m = Matrix { columns: n, data: x.to_vec() };
        for k in 0..n {
            for i in k + 1..n {
                let factor = m.at(i, k) / m.at(k, k);
                m.set(i, k, factor);
                for j in k + 1..n {
                    m.set(i, j, m.at(i, j) - factor * m.at(k, j));
                }
            }
        }
        let mut product = 1.0;
        for i in 0..n {
            product *= m.at(i, i);
        }
        product
    }
    #[differentiable]
    fn in_a_line(x: &[f64; 9]) -> f64 {
        let mut m = Matrix { columns: 3, data: x.to_vec() };
        let first = m.square(0, 1);
        m.set(0, 1, first * x[3]);
        let second = m.scale(0, 1, first);
        if second > 0.0 {
            m.set(1, 0, second * m.at(0, 1));
        }
        let third = Matrix::square(&m, 1, 0);
        m.scale(1, 0, third);
        Matrix::at(&m, 1, 0) + m.square(0, 1) * m.at(0, 0)
    }
    agrees!(determinant: [2.0, 0.3, 0.7, 0.4, 1.5, -0.6, 0.2, 0.9, 1.1]);
    agrees!(in_a_line: [2.0, 0.3, 0.7, 0.4, 1.5, -0.6, 0.2, 0.9, 1.1]);
}

#[test]
#[should_panic(expected = "`d_self` has not the shape of its parameter")]
fn a_pullback_that_does_not_know_the_receiver_checks_its_adjoint() {
    #[derive(Clone, Debug, Differentiable)]
    struct Line {
        data: Vec<f64>,
    }
    impl Line {
        #[differentiable(wrt(self))]
        fn at(&self, i: usize) -> f64 {
            self.data[i]
        }
    }
    let line = Line { data: vec![1.0, 2.0] };
    let (_, back) = line.at_pullback(0);
    back(1.0, &mut Line { data: vec![0.0; 3] });
}
