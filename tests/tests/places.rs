//! Arrays, vectors, tuples and structs as places: mutation, moves, patterns, and the order in which parts are evaluated.

#![allow(
    clippy::clone_on_copy,
    clippy::let_and_return,
    clippy::needless_lifetimes,
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    clippy::useless_vec,
    unused_assignments,
    clippy::needless_range_loop,
    clippy::assign_op_pattern,
    clippy::manual_swap,
    reason = "the forms are what is tested"
)]

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[test]
fn split_at_mut_in_a_loop() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut y = *x;
        for i in 1..4 {
            let (left, right) = y.split_at_mut(i);
            right[0] += left[i - 1] * left[0];
            left[0] *= right[0];
        }
        y[0] + y[3]
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9]);
}

#[test]
fn swaps_in_nested_arrays() {
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut m = [[x[0], x[1]], [x[2], x[3]]];
        m.swap(0, 1);
        m[0].swap(0, 1);
        let t = m[1][0];
        m[1][0] = m[0][1] * t;
        m[0][0] * m[1][0] + m[0][1] * m[1][1].exp()
    }
    agrees!(f: [0.4, 1.2, 0.7, 0.9]);
}

#[test]
fn parts_of_slices() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = &x[1..];
        let b = &x[..x.len() - 1];
        let c = &x[1..=2];
        let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        let mut y = [0.0; 4];
        y[..2].copy_from_slice(&x[2..]);
        y[2..].copy_from_slice(c);
        y[1..3].fill(x[0] * x[1]);
        y[1..].iter_mut().for_each(|v| *v += 1.0);
        let z = &mut y[1..3];
        z[0] *= 3.0;
        z.swap(0, 1);
        dot + y[0] * y[1] * y[2] * y[3]
    }
    agrees!(f: [0.4, -1.2, 0.3, 0.7]);
}

#[test]
fn struct_update_syntax() {
    #[derive(Clone, Copy, Differentiable)]
    struct Q {
        a: f64,
        b: f64,
        c: [f64; 2],
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let base = Q { a: x[0], b: x[1], c: [x[2], x[0]] };
        let other = Q { b: base.a * base.c[0], ..base };
        let third = Q { c: [other.b, 1.0], ..other.clone() };
        base.b * other.b + third.c[0] * third.a + other.c[1]
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn arrays_of_structs() {
    #[derive(Clone, Copy, Differentiable)]
    struct Body {
        p: [f64; 2],
        m: f64,
    }
    #[differentiable]
    fn f(x: &[f64; 4]) -> f64 {
        let mut b = [Body { p: [x[0], x[1]], m: 1.0 }, Body { p: [x[2], x[3]], m: x[0] }];
        for i in 0..2 {
            for k in 0..2 {
                b[i].p[k] += 0.1 * b[1 - i].p[k] * b[i].m;
            }
        }
        let mut e = 0.0;
        for body in &b {
            e += body.m * body.p.iter().map(|p| p * p).sum::<f64>();
        }
        for body in b.iter_mut() {
            body.m *= 2.0;
            body.p[0] = body.m;
        }
        e * b[0].p[0] + b[1].m
    }
    agrees!(f: [0.4, 1.2, 0.3, 0.9]);
}

#[test]
fn assignment_by_patterns() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let (mut a, mut b) = (x[0], x[1]);
        for _ in 0..4 {
            (a, b) = (b, a + b * x[2]);
        }
        let mut v = [a, b, 0.0];
        [v[0], v[2], ..] = [v[1], a * b, 1.0];
        (v[0], v[1]) = (v[1], v[0] * v[2]);
        v[0] * v[1] + v[2]
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn structs_of_structs_of_arrays() {
    #[derive(Clone, Default, Differentiable)]
    struct In {
        a: [f64; 2],
        t: (f64, f64),
    }
    #[derive(Clone, Differentiable)]
    struct Out {
        inner: In,
        v: Vec<In>,
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let i = In { a: [x[0], x[1]], t: (x[2], x[0]) };
        let mut o = Out { inner: i.clone(), v: vec![i.clone(), i] };
        o.inner.a[0] *= o.v[1].t.0;
        o.v[0].t.1 = o.inner.a[0] * o.inner.a[0];
        o.v[1].a = o.inner.a;
        o.v[1].t = (o.v[0].t.1, 2.0);
        let Out { inner, v } = &o;
        let r = &mut Out { inner: inner.clone(), v: v.clone() };
        r.inner.t.0 += 1.0;
        for i in &mut r.v {
            i.a[1] += i.t.0;
            i.a.swap(0, 1);
        }
        r.v.iter().map(|i| i.a[0] * i.t.1 + i.a[1]).sum::<f64>() * r.inner.t.0 * o.inner.a[0]
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn matrices_of_vectors() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let a = vec![vec![x[0], x[1]], vec![x[2], x[3]]];
        let mut c = vec![vec![0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    c[i][j] += a[i][k] * a[k][j];
                }
            }
        }
        c.swap(0, 1);
        let t = c[0].clone();
        c[1][0] = t[1] * c[0][0];
        let det = c[0][0] * c[1][1] - c[0][1] * c[1][0];
        det + t.iter().sum::<f64>()
    }
    agrees!(f: [0.4, 1.2, 0.8, 0.3]);
}

#[test]
fn elimination_with_pivots() {
    #[differentiable]
    fn f(x: &[f64; 6]) -> f64 {
        let mut a = [[x[0], x[1]], [x[2], x[3]]];
        let mut b = [x[4], x[5]];
        for k in 0..2 {
            let mut p = k;
            for i in k + 1..2 {
                if a[i][k].abs() > a[p][k].abs() {
                    p = i;
                }
            }
            if p != k {
                a.swap(p, k);
                b.swap(p, k);
            }
            for i in k + 1..2 {
                let m = a[i][k] / a[k][k];
                for j in k..2 {
                    a[i][j] -= m * a[k][j];
                }
                b[i] -= m * b[k];
            }
        }
        let mut y = [0.0; 2];
        for i in (0..2).rev() {
            let mut s = b[i];
            for j in i + 1..2 {
                s -= a[i][j] * y[j];
            }
            y[i] = s / a[i][i];
        }
        y[0] * y[1] + y[0]
    }
    agrees!(f: [2.4, 1.2, 0.8, 1.3, 0.5, 0.7]);
}

#[test]
fn a_runge_kutta_step_of_arrays() {
    #[differentiable]
    fn rhs(t: f64, y: &[f64; 2], k: f64) -> [f64; 2] {
        [y[1], -k * y[0] + t.cos()]
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut y = [x[0], x[1]];
        let h = 0.1;
        let mut t = 0.0;
        for _ in 0..5 {
            let k1 = rhs(t, &y, x[2]);
            let k2 = rhs(t + h / 2.0, &[y[0] + h / 2.0 * k1[0], y[1] + h / 2.0 * k1[1]], x[2]);
            let y3: [f64; 2] = std::array::from_fn(|i| y[i] + h * k2[i]);
            let k3 = rhs(t + h, &y3, x[2]);
            for i in 0..2 {
                y[i] += h / 6.0 * (k1[i] + 4.0 * k2[i] + k3[i]);
            }
            t += h;
        }
        y[0] * y[0] + y[1]
    }
    agrees!(f: [0.4, 1.2, 0.8]);
}

#[test]
fn state_that_is_taken_apart_and_built_anew() {
    #[derive(Clone, Differentiable)]
    struct State {
        h: Vec<f64>,
        c: Vec<f64>,
    }
    #[differentiable(wrt(s, x))]
    fn step(s: State, x: &[f64]) -> State {
        let State { h, mut c } = s;
        let mut out = Vec::with_capacity(h.len());
        for i in 0..h.len() {
            let z = h[i] * x[i % x.len()];
            c[i] = c[i] * z.tanh() + 1.0 / (1.0 + (-z).exp());
            out.push(c[i].tanh() * h[i]);
        }
        State { h: out, c }
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = State { h: vec![x[0], x[1]], c: vec![0.0; 2] };
        for chunk in x.chunks(2) {
            s = step(s, chunk);
        }
        s.h[0] * s.c[1] + s.h[1]
    }
    agrees!(f: [0.4, 1.2, 0.8, 0.1]);
}

#[test]
fn values_that_are_moved_on() {
    #[derive(Clone, Differentiable)]
    struct S {
        h: Vec<f64>,
        c: Vec<f64>,
        k: f64,
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let s = S { h: x.to_vec(), c: vec![x[1]; 2], k: x[0] };
        let S { mut h, c, mut k } = s;
        k *= c[0];
        h[0] *= k;
        h.push(k);
        let t = S { h, c, k };
        let h = t.h;
        let c2 = t.c;
        let u = (h, c2);
        let (a, b) = u;
        let v = vec![a, b];
        let mut w = v;
        w[0][1] *= 2.0;
        let first = w[0].clone();
        let z = {
            let w2 = w;
            w2
        };
        for row in z {
            for v in row {
                k = k * v + 1.0;
            }
        }
        k * first[0]
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn vectors_that_a_call_uses_up() {
    #[differentiable(wrt(v, w))]
    fn consume(v: Vec<f64>, mut w: Vec<f64>) -> Vec<f64> {
        w[0] *= v[1];
        w.extend_from_slice(&v);
        w
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let v = x.to_vec();
        let w = v.clone();
        let y = consume(v, w);
        let z = if y[0] > 0.0 { y } else { vec![1.0, x[0]] };
        let m = match z.len() {
            0 => vec![],
            _ => z,
        };
        let o = Some(m[0] * m[1]);
        if let Some(q) = o { q * q } else { 0.0 }
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn state_that_is_replaced_in_a_loop() {
    #[derive(Clone, Debug, Differentiable)]
    struct S {
        h: Vec<f64>,
        c: [f64; 2],
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut s = S { h: x.to_vec(), c: [x[0], 1.0] };
        let mut hist = Vec::new();
        for i in 0..3 {
            let next = S { h: s.h.iter().map(|h| h * s.c[0]).collect(), c: [s.c[1], s.h[i % 2]] };
            hist.push(s.clone());
            let old = std::mem::replace(&mut s, next);
            s.c[0] += old.c[1] * 0.5;
            let S { h, .. } = old;
            s.h[0] += h[1];
        }
        hist.push(s);
        hist.iter().map(|s| s.h.iter().sum::<f64>() * s.c[0]).sum()
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_parts_of_a_tuple_in_their_order() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        let t = (
            s,
            {
                s *= x[1];
                s
            },
            s,
        );
        t.0 * t.1 + t.2 * t.2
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_elements_of_an_array_in_their_order() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        let t = [
            s,
            {
                s *= x[1];
                s
            },
            s,
        ];
        t[0] * t[1] + t[2] * t[2]
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_fields_of_a_struct_in_their_order() {
    #[derive(Clone, Copy, Differentiable)]
    struct P {
        a: f64,
        b: f64,
        c: [f64; 2],
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        let mut v = *x;
        let p = P {
            a: s,
            c: v,
            b: {
                s *= x[1];
                v[0] = s;
                s
            },
        };
        let q = P {
            b: p.b,
            a: {
                v[1] = 3.0;
                v[1]
            },
            ..p
        };
        p.a * p.b + p.c[0] * v[0] + q.a * q.b
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_parts_of_a_result_in_their_order() {
    #[differentiable]
    fn g(x: &[f64; 3]) -> (f64, f64) {
        let mut s = x[0];
        (s, {
            s *= x[1];
            s
        })
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let (a, b) = g(x);
        a * b * x[2]
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn closures_that_change_what_was_read() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        let mut g = |k: f64| {
            s *= k;
            s
        };
        let t = (g(x[1]), g(x[0]), [g(2.0), g(3.0)]);
        t.0 + t.1 * t.2[0] * t.2[1]
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_operands_of_a_sum_in_their_order() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        s + {
            s *= x[1];
            s
        } * s
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_arguments_of_a_call_in_their_order() {
    #[differentiable]
    fn g(a: f64, b: f64, c: &[f64; 2]) -> f64 {
        a * b * b + c[0]
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        let mut v = *x;
        let a = g(
            s,
            {
                s *= x[1];
                s
            },
            x,
        );
        a + g(
            v[0],
            {
                v[0] *= 3.0;
                v[1]
            },
            &v,
        )
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn the_receiver_before_the_arguments() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut s = x[0];
        s.powf({
            s += x[1];
            s
        })
        .max({
            s *= 2.0;
            s - 10.0
        }) + s.hypot({
            let q = s;
            s = 0.0;
            q
        })
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn indices_that_change() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut v = *x;
        let mut i = 0;
        v[{
            i += 1;
            i
        }] *= {
            i += 1;
            v[i]
        };
        let r = [v[i - 1], {
            i = 0;
            v[i]
        }];
        r[0] * r[1] + v[i]
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn items_that_change_what_was_read() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = 1.0;
        let v: Vec<(f64, f64)> = x
            .iter()
            .map(|v| {
                (s, {
                    s *= v;
                    s
                })
            })
            .collect();
        let mut acc = (1.0, 2.0);
        for (a, b) in &v {
            acc = (acc.1 * a, {
                let t = acc.0;
                t * b + acc.1
            });
        }
        acc.0 * acc.1 + v[2].0
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn a_branch_that_changes_what_was_read() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = x[0];
        let t = (
            s,
            if s > 0.0 {
                s = x[1];
                s * s
            } else {
                0.0
            },
            s,
        );
        let u = [s; 2];
        s = 0.5;
        let w = (u, [s, x[2]]);
        t.0 * t.1 * t.2 + w.0[0] * w.1[0]
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn compound_assignment_of_what_changes() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut s = x[0];
        s += {
            s = x[1] * x[1];
            s
        };
        s *= s + {
            s -= x[2];
            s
        };
        let mut v = [x[0], x[1]];
        v[0] += {
            v[0] *= 2.0;
            v[0] * v[1]
        };
        s * v[0]
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn methods_that_change_and_build() {
    #[derive(Clone, Debug, Differentiable)]
    struct Layer {
        w: Vec<f64>,
        b: f64,
    }
    impl Layer {
        #[differentiable(wrt(self, x))]
        fn forward(&self, x: &[f64]) -> f64 {
            let z = self.b + self.w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
            self.act(z)
        }
        #[differentiable(wrt(self, z))]
        fn act(&self, z: f64) -> f64 {
            if z < -50.0 {
                return 0.0;
            }
            z.tanh() * self.b
        }
        #[differentiable]
        fn make(x: &[f64]) -> Self {
            Layer { w: vec![x[0], x[1]], b: x[2] }
        }
        #[differentiable(wrt(self))]
        fn scale(&mut self, by: f64) {
            for w in self.w.iter_mut() {
                *w *= by * self.b;
            }
            self.b += self.w[0];
        }
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut l = Layer::make(x);
        l.scale(1.5);
        l.forward(&x[..2]) + l.act(x[1])
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn methods_of_a_generic_struct() {
    #[derive(Clone, Copy, Debug, Differentiable)]
    struct V3<T: Real> {
        x: T,
        y: T,
        z: T,
    }
    impl<T: Real> V3<T> {
        #[differentiable(associated, wrt(x, y, z))]
        fn new(x: T, y: T, z: T) -> V3<T> {
            V3 { x, y, z }
        }
        #[differentiable(wrt(self, o))]
        fn dot(&self, o: &V3<T>) -> T {
            self.x * o.x + self.y * o.y + self.z * o.z
        }
        #[differentiable(wrt(self, o))]
        fn cross(self, o: Self) -> Self {
            V3 { x: self.y * o.z - self.z * o.y, y: self.z * o.x - self.x * o.z, z: self.x * o.y - self.y * o.x }
        }
        #[differentiable(wrt(self))]
        fn norm(&self) -> T {
            self.dot(self).sqrt()
        }
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let a = V3::new(x[0], x[1], 1.0);
        let b = V3 { z: x[2], ..a };
        let c = a.cross(b);
        c.norm() * a.dot(&b)
    }
    agrees!(f: [0.4, 1.2, 0.7]);
}

#[test]
fn functions_generic_over_the_scalar() {
    #[differentiable]
    fn g<T: Real>(x: &[T]) -> T {
        let n = T::from_usize(x.len());
        let mean = x.iter().copied().sum::<T>() / n;
        let mut s = T::from_f64(0.0);
        for (i, v) in x.iter().enumerate() {
            let d = *v - mean;
            s += if d > 0.0 { d * d * 0.5 } else { d.abs() - 0.25 };
            if i == 1 {
                s = s * 2.0 + v.exp().max(1.0);
            }
        }
        s
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        g(x) * x[0]
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn functions_generic_over_the_length() {
    #[differentiable]
    fn g<'a, T, const N: usize>(x: &'a [T; N], w: T) -> T
    where
        T: Real,
    {
        let mut m = [[w; N]; N];
        for i in 0..N {
            for j in 0..N {
                m[i][j] *= x[i] * x[j] + 1.0;
            }
        }
        let mut best = m[0][0];
        for row in &m {
            for v in row {
                if *v > best {
                    best = *v;
                }
            }
        }
        let h: T = m.iter().map(|r| r.iter().copied().fold(T::ZERO, |a, b| a + b)).sum();
        h.sqrt() + best
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        g(x, x[1]) * g::<f64, 2>(&[x[0], x[2]], 2.0)
    }
    agrees!(f: [0.4, 1.2, 0.3]);
}

#[test]
fn literals_of_generic_functions() {
    #[differentiable]
    fn g<T: Real>(x: T, y: T) -> T {
        let a = 2.0 * x + y * 0.5 - 1.0;
        let b = (x - 0.5).powi(2) + y.powf(1.5) + x.max(0.0).min(10.0).clamp(-1.0, 1.0);
        let c = [1.0, 2.0, x];
        let (d, mut e) = (1.0, 0.0);
        e += d * x;
        let f = |t: T| 1.0 / (1.0 + (-t).exp());
        let s = c.iter().fold(0.0, |a, &b| a + b);
        let h = match y {
            v if v > 1.0 => 1.0 - v,
            _ => 0.0,
        };
        let mut k = 3.0;
        k = k * x;
        a * b + f(e) * s + h + k
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        g(x[0], x[1])
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn tuples_that_are_returned() {
    #[differentiable]
    fn polar(x: f64, y: f64) -> (f64, f64) {
        (x.hypot(y), y.atan2(x))
    }
    #[differentiable]
    fn minmax(x: &[f64; 2]) -> (f64, [f64; 2]) {
        if x[0] > x[1] { (x[0], *x) } else { (x[1], [x[1], x[0]]) }
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let (r, t) = polar(x[0], x[1]);
        let (m, [a, b]) = minmax(x);
        let p = polar(r, t).0;
        p * m + a / b
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn functions_and_constants_inside_of_functions() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        const K: f64 = 2.5;
        #[differentiable]
        fn inner(a: f64, b: f64) -> f64 {
            a * b.sin()
        }
        fn plain(n: usize) -> f64 {
            n as f64 * 0.5
        }
        use std::f64::consts::PI;
        K * inner(x[0], x[1]) * plain(3) + PI * inner(x[1], 0.3)
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn arguments_by_mut() {
    #[differentiable]
    fn relax(v: &mut [f64], k: f64) {
        for i in 1..v.len() {
            v[i] = v[i] * v[i - 1] + k * v[i];
        }
    }
    #[differentiable]
    fn bump(v: &mut f64, by: f64) -> f64 {
        let old = *v;
        *v *= by;
        old + *v
    }
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut v = x.to_vec();
        relax(&mut v, x[0]);
        relax(&mut v[1..], 0.5);
        let mut k = x[2];
        let a = bump(&mut k, v[1]);
        let b = bump(&mut v[0], k);
        for i in 0..2 {
            let c = bump(&mut v[i], a);
            relax(&mut v, c);
        }
        v.iter().sum::<f64>() * b
    }
    agrees!(f: [0.4, 1.2, 0.8]);
}

#[test]
fn parameters_by_value_that_change() {
    #[differentiable]
    fn g(mut a: f64, mut v: [f64; 2]) -> f64 {
        a *= v[0];
        v[1] += a * a;
        v[0] = v[1];
        v[0] * a
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let v = [x[1], x[2]];
        g(x[0], v) + g(v[1], [x[0], v[0]])
    }
    agrees!(f: [0.4, 1.2, 0.8]);
}

#[test]
fn parameters_by_pattern() {
    #[differentiable]
    fn g((a, b): (f64, f64), [c, d]: [f64; 2], &[e, ..]: &[f64; 3]) -> f64 {
        a * b + c * d.sin() + e
    }
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        g((x[0], x[1]), [x[2], x[0]], x)
    }
    agrees!(f: [0.4, 1.2, 0.8]);
}

#[test]
fn conversions() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let a = x[0] * 2.0;
        let n = a as i32;
        let k = x[1] as usize;
        let b = (a as f64) + f64::from(3i32) + f64::from(2.5f32) * x[1];
        let c: f64 = x[1].into();
        b * c + n as f64 + x[k]
    }
    agrees!(f: [0.4, 1.2]);
}

#[test]
fn constants_and_statics() {
    const W: [[f64; 3]; 2] = [[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]];
    static B: [f64; 2] = [0.5, -0.5];
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut h = [0.0; 2];
        for (i, (w, b)) in W.iter().zip(&B).enumerate() {
            h[i] = w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + b;
        }
        for h in &mut h {
            *h = if *h > 0.0 { *h } else { 0.1 * *h };
        }
        h.iter().map(|h| h * h).sum()
    }
    agrees!(f: [0.4, 1.2, 0.8]);
}

#[derive(Clone, Debug, Default, Differentiable)]
struct Total {
    sum: f64,
}

impl Total {
    #[differentiable(wrt(self, x))]
    fn add(&mut self, x: f64) {
        self.sum += x * x;
    }
}

#[test]
fn calls_for_their_effect_need_no_semicolon() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 2]) -> f64 {
        let mut stack = Vec::new();
        let mut skipped = 0;
        for i in 0..4 {
            match i {
                0 => stack.push(x[0]),
                1 if x[1] > 0.0 => stack.push(x[1] * stack[0]),
                1 | 2 => skipped += 1,
                _ => {
                    skipped += 1;
                    stack.extend_from_slice(x)
                }
            }
        }
        if skipped > 1 {
            stack.push(x[0] * x[1])
        } else {
            stack.push(x[0])
        }
        let mut push = |t: f64| stack.push(t * t);
        push(x[1]);
        let mut rows = [[0.0; 2]; 2];
        for row in rows.chunks_mut(1) {
            row[0].fill(x[0])
        }
        [x[1], 2.0].iter().for_each(|t| stack.push(t * rows[1][0]));
        stack.iter().map(|v| v * v + skipped as f64).product::<f64>().abs().ln()
    }
    #[differentiable]
    fn methods(x: &[f64; 2]) -> f64 {
        let mut total = Total { sum: 0.0 };
        for i in 0..3 {
            if i % 2 == 0 { total.add(x[0]) } else { total.add(x[1] * total.sum) }
        }
        total.sum
    }
    agrees!(f, 2, [1.3, 0.4], [0.7, -1.2]);
    agrees!(methods, 2, [1.3, 0.4], [0.7, -1.2]);
    let (x, d) = ([1.3, 0.4], [0.5, -1.0]);
    let change = |h: f64| f::grad(&[x[0] + h * d[0], x[1] + h * d[1]]);
    let (before, after) = (change(-1e-5), change(1e-5));
    for (exact, (before, after)) in f::hvp(&x, &d).iter().zip(before.iter().zip(&after)) {
        assert!((exact - (after - before) / 2e-5).abs() < 1e-7);
    }
}

#[test]
fn what_patterns_name_by_mutable_reference_is_stored_into() {
    #[differentiable]
    fn f(x: &[f64; 3]) -> f64 {
        let mut a = [0.0; 3];
        if let Some(v) = a.get_mut(1) {
            *v = x[0] * x[1];
        }
        match a.first_mut() {
            Some(v) => *v = x[2] * x[2],
            None => return x[0],
        }
        if let [first, .., last] = &mut a[..] {
            *last = *first * x[0];
            *first += 1.0;
        }
        let v = &mut a[1];
        *v += x[2];
        let mut rows = [[0.0; 2]; 2];
        for row in &mut rows {
            match row {
                [p, q] => {
                    *p = x[0] + a[0];
                    *q = *p * x[1];
                }
            }
        }
        let r = &mut a[2];
        let s = r;
        *s *= x[1];
        a.iter().sum::<f64>() + rows[0][1] * rows[1][0]
    }
    agrees!(f: [0.4, 1.2, 0.8], [-0.3, 0.5, 2.0]);
}

#[test]
fn tuples_are_lent_and_exchanged_as_a_whole() {
    #[differentiable]
    fn scale(q: &mut (f64, f64)) {
        q.0 *= q.1;
    }
    #[differentiable]
    fn area(q: &(f64, f64)) -> f64 {
        q.0 * q.1
    }
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut t = (x[0] * x[1], x[1]);
        let mut u = (x[1] * x[1], 0.5);
        let q = &mut t;
        scale(q);
        q.0 *= 2.0;
        std::mem::swap(&mut t, &mut u);
        let r = &u;
        let old = std::mem::replace(&mut t, (area(r), x[0]));
        let (a, b) = &mut t;
        *a *= x[0];
        *b += *a;
        let mut mixed = (x[0], 0.25, 3usize);
        let (c, d, _) = &mut mixed;
        *c *= x[1];
        *d += *c;
        area(&t) * old.0 + u.0 * old.1 + mixed.1 * mixed.2 as f64
    }
    agrees!(f: [0.4, 1.2], [-0.3, 0.5]);
}

#[test]
fn vectors_and_structs_are_taken() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut total = Total { sum: x[0] };
        let old = std::mem::take(&mut total);
        total.add(old.sum * x[1]);
        let mut v = vec![x[0], x[1]];
        let w = std::mem::take(&mut v);
        v.push(w[0] * w[1]);
        let mut pair = (x[0], [x[1], 1.0]);
        let taken = std::mem::take(&mut pair);
        total.sum * v[0] * v.len() as f64 + w[0] + (pair.0 + 2.0) * taken.1[0]
    }
    agrees!(f: [0.4, 1.2], [-0.3, 0.5]);
}

#[test]
fn elements_that_are_unwrapped_are_changed_in_place() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let mut v = vec![x[0]];
        for i in 0..3 {
            v.push(0.5);
            *v.last_mut().unwrap() += x[1] * v[i];
            *v.get_mut(i).expect("it is there") *= x[0];
        }
        let last = v.last_mut().unwrap();
        *last *= 2.0;
        let (head, tail) = v.split_first_mut().unwrap();
        *head *= tail[0];
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for i in 0..3 {
            rows.push(Vec::new());
            rows.last_mut().unwrap().push(x[1] * v[i]);
            rows[i].push(x[0]);
        }
        rows.first_mut().unwrap()[0] *= x[1];
        v.iter().sum::<f64>() * rows.iter().map(|row| row[0] * row[1]).sum::<f64>()
    }
    agrees!(f: [0.4, 1.2], [-0.3, 0.5]);
}

#[test]
fn what_is_made_on_the_spot_is_changed_by_its_reference() {
    #[differentiable]
    fn f(x: &[f64; 2]) -> f64 {
        let t = &mut 0.5;
        *t += x[0] * x[1];
        let a = &mut [x[0], 1.0];
        a[1] *= *t;
        *t * *t + a[0] * a[1]
    }
    agrees!(f, 2, [0.4, 1.2]);
    let mut adjoint = [0.0; 2];
    f::pullback(&[0.4, 1.2]).1(1.0, &mut adjoint);
    for (adjoint, gradient) in adjoint.iter().zip(f::grad(&[0.4, 1.2])) {
        assert!((adjoint - gradient).abs() < 1e-12);
    }
}

#[test]
fn elements_that_hold_inactive_parts_are_pushed() {
    #[differentiable]
    fn f(x: &[f64]) -> f64 {
        let mut pairs = Vec::new();
        let mut totals = vec![Total { sum: 1.5 }];
        for (i, x) in x.iter().enumerate() {
            pairs.push((*x, i as f64));
            totals.push(Total { sum: i as f64 });
        }
        totals[1].add(x[0]);
        let sum = totals[1].sum;
        totals[0].add(x[1] * sum);
        totals[0].sum * pairs.iter().map(|(a, b)| a * b).sum::<f64>()
    }
    agrees!(f: [0.4, 1.2], [0.4, 1.2, -0.8]);
}

#[test]
fn what_a_mutable_reference_names_is_compared_between_stores() {
    #[differentiable(wrt(x))]
    fn f(x: &[f64], k: usize) -> f64 {
        let mut y = [x[0], x[1]];
        let z = &mut y[k];
        if *z > 0.3 {
            *z = *z * 2.0;
        }
        *z = match k {
            0 if *z > 0.5 => z.sin(),
            1 if (*z).abs() < 0.5 => *z * x[0],
            _ => *z,
        };
        while *z < 4.0 {
            *z = *z * *z + 1.0;
        }
        for v in y.iter_mut() {
            if *v > 0.9 {
                *v *= x[1];
            }
            if v.is_sign_negative() {
                *v = -*v;
            }
        }
        y[0] * y[1] + y[0]
    }
    agrees!(f(0): [0.4, 1.2], [-0.7, 0.2], [1.3, -0.4]);
    agrees!(f(1): [0.4, 1.2], [-0.7, 0.2], [1.3, -0.4]);
}

#[test]
fn the_ends_of_a_range_are_evaluated_once() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 7]) -> f64 {
        let mut at = 0;
        let mut sum = 0.0;
        for _ in 0..2 {
            sum += x[at];
            at += 1;
        }
        let mut copied = [0.0; 3];
        copied.copy_from_slice(&x[at..at + 3]);
        at += 3;
        let rest = &x[at..];
        at = 0;
        sum * copied[0] * copied[2] + rest[0] * rest[1] * x[at]
    }
    agrees_twice!(f, 7, [0.3, 0.5, -0.7, 0.2, 1.1, 0.9, -0.4]);
}

#[test]
fn ranges_have_names() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 6]) -> f64 {
        let body = 1..x.len() - 1;
        let mut sum = 0.0;
        for i in body.clone() {
            sum += x[i - 1] * x[i + 1];
        }
        for value in &x[body.clone()] {
            sum += value.sin();
        }
        let (front, back, closed) = (..=3, 2.., 1..=2);
        let (upto, from, inner) = (..3, 3.., 1..=2);
        for k in closed {
            sum += x[k] * x[k];
        }
        sum += x[front].iter().sum::<f64>() * x[back][0] * body.map(|i| x[i]).sum::<f64>();
        sum * x[upto][1] + x[from].iter().product::<f64>() * x[inner].iter().sum::<f64>()
    }
    #[differentiable(second_order)]
    fn of_parts(x: &[f64], part: std::ops::Range<usize>) -> f64 {
        x[part].iter().map(|v| v * v).sum::<f64>().sqrt()
    }
    #[differentiable(second_order)]
    fn parts(x: &[f64; 6]) -> f64 {
        of_parts(x, 0..2) * of_parts(x, 1..5)
    }
    agrees_twice!(f, 6, [0.7, 0.4, 0.2, -0.5, 0.3, 1.0]);
    agrees_twice!(parts, 6, [0.7, 0.4, 0.2, -0.5, 0.3, 1.0]);
}

#[test]
fn what_a_mutable_reference_names_is_cloned() {
    #[derive(Clone, Debug, Differentiable)]
    struct State {
        a: f64,
        b: [f64; 2],
    }
    #[differentiable(wrt(state, y), second_order)]
    fn step(state: &mut State, y: f64) -> f64 {
        let before = state.clone();
        state.a *= y;
        state.b[0] += before.a * before.b[1];
        before.a * state.a + before.b[0] * y
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 3]) -> f64 {
        let mut state = State { a: x[0], b: [x[1], x[2]] };
        let given = step(&mut state, x[0] * x[1]);
        given * state.b[0] + state.a
    }
    agrees_twice!(f, 3, [0.3, 0.7, 0.4]);
}

#[test]
fn what_was_sorted_before_is_referred_to() {
    #[differentiable(wrt(x), second_order)]
    fn chosen(x: &[f64; 5], robust: bool) -> f64 {
        let n = x.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| x[b].partial_cmp(&x[a]).unwrap());
        let keep = if robust { &order[1..n - 1] } else { &order[..] };
        let (head, tail) = order.split_at(2);
        let mut product = 1.0;
        for (i, &k) in keep.iter().enumerate() {
            product *= x[k].cos() + i as f64;
        }
        product + x[head[0]] * x[tail[0]]
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        chosen(x, true) * chosen(x, false)
    }
    #[differentiable(second_order)]
    fn in_a_loop(x: &[f64; 5]) -> f64 {
        let mut product = 1.0;
        for i in 0..4 {
            let mut order = vec![i, i + 1];
            order.reverse();
            let keep = &order[i / 2..];
            for &k in keep {
                product *= x[k].cos() + i as f64;
            }
        }
        product
    }
    #[differentiable(second_order)]
    fn of_a_literal(x: &[f64; 5]) -> f64 {
        let mut product = 1.0;
        for i in 0..3 {
            let order = vec![i, 4, i + 2];
            let keep = &order[..2 + i % 2];
            for &k in keep {
                product *= x[k].cos() + keep.len() as f64;
            }
        }
        product
    }
    differentiable_tests::agrees_twice!(f, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
    differentiable_tests::agrees_twice!(in_a_loop, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
    differentiable_tests::agrees_twice!(of_a_literal, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
}

#[test]
fn what_is_referred_to_may_change_later() {
    #[differentiable(wrt(x), second_order)]
    fn chosen(x: &[f64; 5], n: usize) -> f64 {
        let mut order = vec![2, 0, 1];
        let keep: &[usize] = &order[1..n];
        let mut product = 1.0;
        for &k in keep {
            product *= x[k].cos();
        }
        order.push(n);
        for &k in &order {
            product *= x[k].sin() + 2.0;
        }
        product
    }
    #[differentiable(second_order)]
    fn f(x: &[f64; 5]) -> f64 {
        chosen(x, 3) * chosen(x, 2)
    }
    #[differentiable(second_order)]
    fn in_a_loop(x: &[f64; 5]) -> f64 {
        let (mut order, mut product) = ([4, 0, 1, 3], 1.0);
        for i in 0..3 {
            let keep = &order[i..];
            for (j, &k) in keep.iter().enumerate() {
                product *= x[k].cos() + x[keep[0]] * j as f64;
            }
            order[i + 1] = order[i] / 2;
        }
        product
    }
    differentiable_tests::agrees_twice!(f, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
    differentiable_tests::agrees_twice!(in_a_loop, 5, [0.3, 0.7, 1.1, -0.4, 0.9]);
}

#[test]
fn ranges_lie_in_sequences() {
    use std::ops::Range;

    #[differentiable(wrt(x))]
    fn f(x: &[f64], parts: &[Range<usize>], owned: Vec<Range<usize>>) -> f64 {
        let mut s = 0.0;
        for part in parts {
            s += x[part.clone()].iter().product::<f64>();
        }
        for (i, part) in parts.iter().cloned().enumerate() {
            s *= x[part].iter().sum::<f64>() + x[i];
        }
        for part in [0..2, 1..3] {
            s += x[part].iter().map(|v| v * v).sum::<f64>();
        }
        let halves = vec![0..1, 1..4];
        for half in &halves {
            for j in half.clone() {
                s *= x[j].exp();
            }
        }
        for part in owned {
            for j in part {
                s += x[j].sin() * s;
            }
        }
        s + parts.iter().map(|part| x[part.clone()].iter().sum::<f64>()).map(|sum| sum * sum).sum::<f64>()
    }
    agrees!(f(&[0..2, 2..4], vec![1..3, 2..2, 0..4]): [0.4, 1.2, 0.3, 0.7]);
    agrees!(f(&[], vec![]): [0.4, 1.2, 0.3, 0.7]);
}

#[derive(Clone, Debug, Differentiable)]
struct Traced {
    v: f64,
    h: Vec<f64>,
}

#[test]
fn what_is_pushed_through_a_reference_is_read_beside_it() {
    #[differentiable]
    fn by_index(x: &[f64; 2]) -> f64 {
        let mut cells = vec![Traced { v: x[0], h: vec![] }, Traced { v: x[1], h: vec![] }];
        for i in 0..2 {
            let c = &mut cells[i];
            c.v = (c.v * x[1]).tanh();
            c.h.push(c.v);
            c.h.push(c.h[0]);
            c.h.extend([c.v, c.v * x[0]]);
        }
        cells[0].h[1] + cells[1].h[0] * cells[1].v * cells[0].h[3]
    }
    #[differentiable]
    fn in_loops(x: &[f64; 2]) -> f64 {
        let mut pairs = vec![(x[0], vec![x[1]]), (x[1], vec![x[0]])];
        for (a, b) in pairs.iter_mut() {
            b.push(*a);
        }
        for e in &mut pairs {
            e.1.insert(0, e.0);
        }
        pairs[0].1[0] * pairs[1].1[1] + pairs[1].1[2]
    }
    #[differentiable]
    fn by_patterns(x: &[f64; 2]) -> f64 {
        let mut cells = vec![Traced { v: x[0], h: vec![x[1]] }, Traced { v: x[1], h: vec![x[0]] }];
        if let Some(c) = cells.first_mut() {
            c.h.push(c.v);
        }
        if let [_, c] = &mut cells[..] {
            c.h.push(c.v);
        }
        let (a, b) = cells.split_at_mut(1);
        b[0].h.push(a[0].v);
        let last = cells[1].h.len() - 1;
        let l = &mut cells[1].h;
        l.push(l[0]);
        cells[0].h[1] * cells[1].h[1] + cells[1].h[last] * cells[1].h[last + 1]
    }
    agrees!(by_index: [0.3, 0.7]);
    agrees!(in_loops: [0.3, 0.7]);
    agrees!(by_patterns: [0.3, 0.7]);
}
