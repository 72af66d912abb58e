//! Functions as people write them: generic layers, methods that change their receiver, vectors, lifetimes, copied code of all kinds.

#![allow(clippy::ptr_arg, clippy::useless_vec, reason = "the forms are what is tested")]

use differentiable::prelude::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Layer<T, const N: usize> {
    w: [[T; N]; 2],
    b: [T; 2],
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Net<T> {
    a: Layer<T, 2>,
    layers: Vec<Layer<T, 2>>,
    out: (T, T),
}

impl<T: Real> Layer<T, 2> {
    #[differentiable(wrt(self, x))]
    pub fn forward(&self, x: &[T; 2]) -> [T; 2] {
        let mut y = self.b;
        for i in 0..2 {
            for j in 0..2 {
                y[i] += self.w[i][j] * x[j];
            }
            y[i] = y[i].tanh();
        }
        y
    }
}
#[differentiable(wrt(x, net))]
fn run<T: Real>(net: &Net<T>, x: &[T; 2], n: usize) -> T {
    let mut h = net.a.forward(x);
    for i in 0..n {
        h = net.layers[i].forward(&h);
    }
    h[0] * net.out.0 + 2.0 * h[1] * net.out.1
}
#[differentiable]
fn deferred(x: f64) -> f64 {
    let y: f64;
    let z;
    if x > 0.0 {
        y = x * x;
        z = 2.0;
    } else {
        y = -x;
        z = x;
    }
    const K: f64 = 3.0;
    fn helper(n: usize) -> usize {
        n + 1
    }
    use std::f64::consts::PI;
    y * z * K + helper(2) as f64 * x * PI
}
#[differentiable]
fn capturing(x: f64, y: f64) -> f64 {
    let mut total = 0.0;
    let mut add = |v: f64| total += v * v;
    add(x);
    add(y);
    total
}
#[differentiable(wrt(v, s))]
fn vecs(v: &Vec<f64>, s: &mut [f64]) -> f64 {
    let mut t = 0.0;
    for i in 0..v.len() {
        s[i] *= v[i];
        t += s[i];
    }
    t
}
#[differentiable]
fn lifetimes<'a>(x: &'a [f64], k: &'a f64) -> f64 {
    x.iter().map(|v| v * k).sum()
}
#[differentiable]
fn many(x: f64, n: i32) -> f64 {
    x.powi(n)
        + x.powf(2.5)
        + x.log(3.0)
        + x.mul_add(2.0, 1.0)
        + f64::max(x, 1.0)
        + f64::from(n) * x
        + n as f64
        + x.hypot(2.0).atan2(x)
        + x.clamp(0.0, 10.0)
}
#[differentiable(wrt(a))]
fn inactive_things(a: &[f64; 3], names: &[&str], opt: Option<usize>) -> f64 {
    let Some(k) = opt else { panic!("none") };
    let label = if names.len() > 1 { "many" } else { "few" };
    let idx: Vec<usize> = (0..3).filter(|i| i % 2 == 0).collect();
    let mut s = 0.0;
    for &i in &idx {
        s += a[i] * a[k];
    }
    for (i, name) in names.iter().enumerate() {
        s += a[i] * name.len() as f64;
    }
    if label == "many" && s > 0.0 {
        s *= 2.0;
    }
    s
}
struct Pend {
    g: f64,
    state: [f64; 2],
}
impl Pend {
    #[differentiable(wrt(h))]
    fn energy(&self, h: f64) -> f64 {
        self.g * h + 0.5 * self.state[1] * self.state[1] * h
    }
    #[differentiable(associated)]
    pub fn sq(x: f64) -> f64 {
        x * x
    }
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Acc {
    sum: f64,
    n: f64,
}
impl Acc {
    #[differentiable(wrt(self, x))]
    fn add(&mut self, x: f64) {
        self.sum += x * self.n;
        self.n += 1.0;
    }
}
#[differentiable]
fn accumulate(x: f64) -> f64 {
    let mut acc = Acc { sum: 0.0, n: 1.0 };
    for _ in 0..3 {
        acc.add(x);
    }
    acc.add(acc.sum);
    acc.sum
}
#[differentiable]
fn tuple_ret(x: f64) -> (f64, [f64; 2]) {
    let a = x * x;
    (a, [a, x])
}
#[differentiable]
fn use_tuple(x: f64) -> f64 {
    let t = tuple_ret(x);
    let (a, [b, c]) = tuple_ret(x);
    t.0 * t.1[1] + a * b + c
}
#[differentiable]
fn generic_turbofish<T: Real>(x: T) -> T {
    x * x
}
#[differentiable]
fn turbo(x: f64) -> f64 {
    generic_turbofish::<f64>(x) + generic_turbofish(x)
}

/// The central difference.
fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
}

fn net() -> Net<f64> {
    Net {
        a: Layer { w: [[0.1, 0.2], [0.3, -0.4]], b: [0.5, 0.6] },
        layers: vec![Layer { w: [[0.7, -0.2], [0.3, 0.4]], b: [0.1, 0.2] }; 2],
        out: (1.5, -0.5),
    }
}

#[test]
fn layers_of_a_generic_network() {
    let x = [0.3, 0.4];
    let (value, (d_net, d_x)) = run::value_and_grad(&net(), &x, 2);
    assert_eq!(value, run(&net(), &x, 2));
    assert!((d_x[0] - slope(|x0| run(&net(), &[x0, 0.4], 2), 0.3)).abs() < 1e-8);
    let moved = |w| {
        let mut net = net();
        net.layers[1].w[0][1] = w;
        run(&net, &x, 2)
    };
    assert!((d_net.layers[1].w[0][1] - slope(moved, -0.2)).abs() < 1e-8);
    let single = Net { a: Layer { w: [[0.1f32; 2]; 2], b: [0.0; 2] }, layers: vec![], out: (1.0, 0.0) };
    assert!((run::grad(&single, &[1.0, 2.0], 0).1[0] - 0.1 * (1.0 - 0.3f32.tanh().powi(2))).abs() < 1e-7);
}

#[test]
fn variables_without_a_first_value_and_items_in_the_body() {
    for x in [0.7, -0.7] {
        assert!((deferred::grad(x) - slope(deferred, x)).abs() < 1e-7);
    }
}

#[test]
fn closures_that_assign_to_captured_variables() {
    assert_eq!(capturing::grad(2.0, 3.0), (4.0, 6.0));
    assert_eq!(capturing::jvp(2.0, 3.0, 1.0, 0.0), (13.0, 4.0));
}

#[test]
fn vectors_and_mutable_slices() {
    let (mut s, mut d_v, mut d_s) = ([2.0, 3.0], vec![0.0, 0.0], [0.0, 0.0]);
    vecs::vjp(&vec![5.0, 7.0], &mut s, 1.0, &mut d_v, &mut d_s);
    assert_eq!((s, d_v, d_s), ([10.0, 21.0], vec![2.0, 3.0], [5.0, 7.0]));
    assert_eq!(lifetimes::grad(&[1.0, 2.0], &3.0), (vec![3.0, 3.0], 3.0));
}

#[test]
fn maths_with_inactive_operands() {
    assert!((many::grad(1.7, 3) - slope(|x| many(x, 3), 1.7)).abs() < 1e-7);
}

#[test]
fn copied_code_of_all_kinds() {
    assert_eq!(inactive_things::grad(&[1.0, 2.0, 3.0], &["a", "bb"], Some(1)), [6.0, 12.0, 4.0]);
}

#[test]
fn methods_that_read_and_that_change_their_receiver() {
    let pendulum = Pend { g: 9.8, state: [1.0, 2.0] };
    assert_eq!(pendulum.energy_grad(1.0), 11.8);
    assert_eq!(Pend::sq_grad(3.0), 6.0);
    let (mut acc, mut d_acc, mut d_x) = (Acc { sum: 1.0, n: 2.0 }, Acc { sum: 1.0, n: 0.0 }, 0.0);
    acc.add_vjp(3.0, &mut d_acc, &mut d_x);
    assert_eq!((acc, d_acc, d_x), (Acc { sum: 7.0, n: 3.0 }, Acc { sum: 1.0, n: 3.0 }, 2.0));
    assert!((accumulate::grad(0.7) - slope(accumulate, 0.7)).abs() < 1e-7);
    assert!((accumulate::jvp(0.7, 1.0).1 - accumulate::grad(0.7)).abs() < 1e-12);
}

#[test]
fn results_that_are_tuples_and_callees_with_generic_arguments() {
    assert!((use_tuple::grad(0.7) - slope(use_tuple, 0.7)).abs() < 1e-7);
    assert!((turbo::grad(0.7) - 2.8).abs() < 1e-12);
}
