//! Functions as people have them before they hear of derivatives: finance, physics, statistics, signals, control, geometry; by iterators, by
//! indices, by structs, generic, or carried over from older languages.

#![allow(clippy::all, non_snake_case, reason = "the forms are what is tested")]

use std::collections::HashMap;
use std::rc::Rc;

use differentiable::prelude::*;
use differentiable_tests::{agrees, agrees_twice};

#[differentiable(second_order)]
fn Phi(x: f64) -> f64 {
    let k = 1.0 / (1.0 + 0.2316419 * x.abs());
    let w = 1.0
        - (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
            * k
            * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + 1.330274429 * k))));
    if x < 0.0 { 1.0 - w } else { w }
}
#[derive(Clone, Copy, Debug, PartialEq)]
enum OptionKind {
    Call,
    Put,
}
#[differentiable(second_order)]
fn black_scholes(kind: OptionKind, S: f64, K: f64, r: f64, sigma: f64, T: f64) -> f64 {
    let d1 = ((S / K).ln() + (r + 0.5 * sigma.powi(2)) * T) / (sigma * T.sqrt());
    let d2 = d1 - sigma * T.sqrt();
    let discount = (-r * T).exp();
    match kind {
        OptionKind::Call => S * Phi(d1) - K * discount * Phi(d2),
        OptionKind::Put => K * discount * Phi(-d2) - S * Phi(-d1),
    }
}
#[differentiable(second_order)]
fn bs(x: &[f64; 5]) -> f64 {
    black_scholes(OptionKind::Call, x[0], x[1], x[2], x[3], x[4])
        + black_scholes(OptionKind::Put, x[0], x[1], x[2], x[3], x[4]).sqrt()
}
#[differentiable(second_order)]
fn bond(x: &[f64; 3]) -> f64 {
    let [coupon, y, spread] = *x;
    let times = [0.5, 1.0, 1.5, 2.0];
    let flows: Vec<(f64, f64)> = times.iter().map(|&t| (t, if t == 2.0 { 100.0 + coupon } else { coupon })).collect();
    flows.iter().map(|(t, c)| c / (1.0 + y + spread).powf(*t)).sum()
}
#[differentiable(wrt(s, vol), second_order)]
fn binomial(s: f64, vol: f64, strike: f64, steps: usize) -> f64 {
    let dt = 1.0 / steps as f64;
    let u = (vol * dt.sqrt()).exp();
    let d = u.recip();
    let p = ((0.03 * dt).exp() - d) / (u - d);
    let mut values: Vec<f64> =
        (0..=steps).map(|j| (s * u.powi(j as i32) * d.powi((steps - j) as i32) - strike).max(0.0)).collect();
    for step in (0..steps).rev() {
        for j in 0..=step {
            let hold = (-0.03 * dt).exp() * (p * values[j + 1] + (1.0 - p) * values[j]);
            let spot = s * u.powi(2 * j as i32 - step as i32);
            values[j] = hold.max(spot - strike);
        }
    }
    values[0]
}
#[differentiable(second_order)]
fn binom(x: &[f64; 2]) -> f64 {
    binomial(x[0], x[1], 1.0, 6)
}
#[differentiable(second_order)]
fn tridag(x: &[f64; 8]) -> f64 {
    const N: usize = 4;
    let (a, b, c) = (-0.5, 2.0, [x[4], x[5], x[6], x[7]]);
    let r = &x[..4];
    let mut u = [0.0; N];
    let mut gam = [0.0; N];
    let mut bet = b;
    u[0] = r[0] / bet;
    for j in 1..N {
        gam[j] = c[j - 1] / bet;
        bet = b - a * gam[j];
        if bet == 0.0 {
            panic!("tridag failed");
        }
        u[j] = (r[j] - a * u[j - 1]) / bet;
    }
    for j in (0..N - 1).rev() {
        u[j] -= gam[j + 1] * u[j + 1];
    }
    u.iter().map(|v| v * v).sum::<f64>()
}
#[derive(Clone, Copy, Debug, Differentiable)]
struct V3 {
    x: f64,
    y: f64,
    z: f64,
}
impl V3 {
    #[differentiable(wrt(self, o), second_order)]
    fn sub(self, o: V3) -> V3 {
        V3 { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
    }
    #[differentiable(wrt(self, o), second_order)]
    fn dot(&self, o: &V3) -> f64 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    #[differentiable(wrt(self), second_order)]
    fn abs(&self) -> f64 {
        self.dot(self).sqrt()
    }
    #[differentiable(wrt(self, o), second_order)]
    fn min(&self, o: &V3) -> V3 {
        V3 { x: self.x.min(o.x), y: self.y.min(o.y), z: self.z.min(o.z) }
    }
}
#[differentiable(second_order)]
fn lj(x: &[f64; 9]) -> f64 {
    let pos: Vec<V3> = x.chunks_exact(3).map(|c| V3 { x: c[0], y: c[1], z: c[2] }).collect();
    let mut e = 0.0;
    for i in 0..pos.len() {
        for j in (i + 1)..pos.len() {
            let d: V3 = pos[i].sub(pos[j]);
            let r = d.abs();
            let s6 = (0.9 / r).powi(6);
            e += 4.0 * 0.7 * (s6 * s6 - s6);
        }
    }
    e
}
#[differentiable(second_order)]
fn search(x: &[f64; 4]) -> f64 {
    let mut acc = 0.0;
    'outer: for i in 0..4 {
        for j in 0..4 {
            if i == j {
                continue;
            }
            let d = x[i] - x[j];
            if d.abs() > 3.0 {
                break 'outer;
            }
            if i + j == 5 {
                continue 'outer;
            }
            acc += d * d * (i as f64 + 1.0);
        }
        if acc > 1e6 {
            return acc;
        }
    }
    acc.sqrt()
}
#[derive(Clone, Copy)]
enum Op {
    Push(f64),
    Var(usize),
    Add,
    Mul,
    Sin,
    Dup,
}
#[differentiable(wrt(x), second_order)]
fn rpn(x: &[f64], program: &[Op]) -> f64 {
    let mut stack: Vec<f64> = Vec::with_capacity(8);
    for op in program {
        match *op {
            Op::Push(c) => stack.push(c),
            Op::Var(i) => stack.push(x[i]),
            Op::Add => {
                let b = stack.pop().unwrap();
                let a = stack.pop().unwrap();
                stack.push(a + b);
            }
            Op::Mul => {
                let b = stack.pop().unwrap();
                let a = stack.pop().unwrap();
                stack.push(a * b);
            }
            Op::Sin => {
                let a = stack.pop().unwrap();
                stack.push(a.sin());
            }
            Op::Dup => {
                let a = *stack.last().unwrap();
                stack.push(a);
            }
        }
    }
    stack.pop().unwrap()
}
#[differentiable(second_order)]
fn rpn1(x: &[f64; 2]) -> f64 {
    rpn(x, &[Op::Var(0), Op::Dup, Op::Mul, Op::Var(1), Op::Sin, Op::Add, Op::Push(2.0), Op::Mul, Op::Var(1), Op::Mul])
}
#[differentiable(second_order)]
fn hmm(x: &[f64; 6]) -> f64 {
    let obs = [0usize, 1, 1, 0, 1];
    let init = [0.6, 0.4];
    let trans = [[x[0], 1.0 - x[0]], [x[1], 1.0 - x[1]]];
    let emit = [[x[2], x[3]], [x[4], x[5]]];
    let mut alpha: [f64; 2] = std::array::from_fn(|s| init[s] * emit[s][obs[0]]);
    for &o in obs.iter().skip(1) {
        let mut next = [0.0f64; 2];
        for (t, n) in next.iter_mut().enumerate() {
            *n = alpha.iter().enumerate().map(|(s, a)| a * trans[s][t]).sum::<f64>() * emit[t][o];
        }
        alpha = next;
    }
    alpha.iter().sum::<f64>().ln()
}
#[differentiable(wrt(t, ys), second_order)]
fn lerp_table(xs: &[f64], ys: &[f64], t: f64) -> f64 {
    let i = match xs.binary_search_by(|p| p.partial_cmp(&t).unwrap()) {
        Ok(i) => i.min(xs.len() - 2),
        Err(0) => 0,
        Err(i) if i >= xs.len() => xs.len() - 2,
        Err(i) => i - 1,
    };
    let w = (t - xs[i]) / (xs[i + 1] - xs[i]);
    ys[i] * (1.0 - w) + ys[i + 1] * w
}
#[differentiable(second_order)]
fn lerp1(x: &[f64; 5]) -> f64 {
    let xs = [0.0, 1.0, 2.5, 4.0];
    let a = lerp_table(&xs, &x[..4], x[4]);
    a * lerp_table(&xs, &x[..4], x[4] + 1.2)
}
#[derive(Clone, Debug, Default, Differentiable)]
struct Opts {
    lr: f64,
    decay: f64,
    mom: f64,
    #[differentiable(skip)]
    steps: usize,
}
#[differentiable(wrt(o, x0), second_order)]
fn optimise(o: &Opts, x0: f64) -> f64 {
    let (mut x, mut v) = (x0, 0.0);
    for _ in 0..o.steps {
        let g = 2.0 * x + x.cos();
        v = o.mom * v + g;
        x -= o.lr * (v + o.decay * x);
    }
    x
}
#[differentiable(second_order)]
fn opt1(x: &[f64; 3]) -> f64 {
    let o = Opts { lr: x[0], mom: x[1], steps: 4, ..Default::default() };
    optimise(&o, x[2])
}

#[test]
fn prices_of_options() {
    agrees_twice!(bs, 5, [1.1, 1.0, 0.03, 0.2, 0.7]);
}

#[test]
fn a_bond() {
    agrees_twice!(bond, 3, [3.0, 0.04, 0.01]);
}

#[test]
fn a_binomial_tree() {
    agrees_twice!(binom, 2, [1.03, 0.23]);
}

#[test]
fn a_tridiagonal_system() {
    agrees_twice!(tridag, 8, [0.3, 0.7, 1.1, 0.2, -0.4, -0.3, -0.6, 0.1]);
}

#[test]
fn a_lennard_jones_potential() {
    agrees_twice!(lj, 9, [0.0, 0.1, 0.2, 1.1, 0.2, 0.1, 0.3, 1.2, 0.9]);
}

#[test]
fn loops_that_are_left_by_labels() {
    agrees_twice!(search, 4, [0.3, 0.8, -0.2, 1.5]);
}

#[test]
fn a_stack_machine() {
    agrees_twice!(rpn1, 2, [0.3, 0.8]);
}

#[test]
fn a_hidden_markov_model() {
    agrees_twice!(hmm, 6, [0.3, 0.8, 0.4, 0.6, 0.1, 0.9]);
}

#[test]
fn a_table_that_is_searched() {
    agrees_twice!(lerp1, 5, [0.3, 0.8, 0.4, 0.6, 0.4]);
}

#[test]
fn an_optimizer_with_momentum() {
    agrees_twice!(opt1, 3, [0.1, 0.8, 0.7]);
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Quat {
    w: f64,
    x: f64,
    y: f64,
    z: f64,
}
impl Quat {
    pub const IDENTITY: Quat = Quat { w: 1.0, x: 0.0, y: 0.0, z: 0.0 };
    #[differentiable(associated, second_order)]
    fn from_axis_angle(axis: [f64; 3], angle: f64) -> Quat {
        let half = 0.5 * angle;
        let n = axis.iter().map(|a| a * a).sum::<f64>().sqrt();
        let s = half.sin() / n;
        Quat { w: half.cos(), x: axis[0] * s, y: axis[1] * s, z: axis[2] * s }
    }
    #[differentiable(wrt(self, o), second_order)]
    fn mul(&self, o: &Self) -> Self {
        Self {
            w: self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            x: self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            y: self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            z: self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        }
    }
    #[differentiable(wrt(self), second_order)]
    fn conj(&self) -> Self {
        Quat { w: self.w, x: -self.x, y: -self.y, z: -self.z }
    }
    #[differentiable(wrt(self, v), second_order)]
    fn rotate(&self, v: [f64; 3]) -> [f64; 3] {
        let p = Quat { w: 0.0, x: v[0], y: v[1], z: v[2] };
        let r = self.mul(&p).mul(&self.conj());
        [r.x, r.y, r.z]
    }
    #[differentiable(wrt(self), second_order)]
    fn exp(&self) -> Self {
        let n = (self.x * self.x + self.y * self.y + self.z * self.z).sqrt();
        let e = self.w.exp();
        let k = if n > 1e-12 { e * n.sin() / n } else { e };
        Quat { w: e * n.cos(), x: self.x * k, y: self.y * k, z: self.z * k }
    }
}
#[differentiable(second_order)]
fn quat(x: &[f64; 7]) -> f64 {
    let q = Quat::from_axis_angle([x[0], x[1], x[2]], x[3]);
    let v = q.rotate([x[4], x[5], x[6]]);
    let e = q.exp();
    let id = Quat::IDENTITY;
    v[0] * v[1] + v[2].powi(3) + e.w * e.z + id.mul(&q).x
}
trait Material {
    const E: f64;
    const NU: f64;
}
struct Steel;
impl Material for Steel {
    const E: f64 = 2.1;
    const NU: f64 = 0.3;
}
#[differentiable(wrt(eps), second_order)]
fn stress<M: Material>(eps: &[f64; 3]) -> f64 {
    let lam = M::E * M::NU / ((1.0 + M::NU) * (1.0 - 2.0 * M::NU));
    let mu = M::E / (2.0 * (1.0 + M::NU));
    let tr: f64 = eps.iter().sum();
    0.5 * lam * tr * tr + mu * eps.iter().map(|e| e.powi(2)).sum::<f64>()
}
#[differentiable(second_order)]
fn stress1(x: &[f64; 3]) -> f64 {
    stress::<Steel>(x) * x[0]
}
static WEIGHTS: [f64; 3] = [0.555, 0.888, 0.555];
const NODES: [f64; 3] = [-0.7745966692414834, 0.0, 0.7745966692414834];
const PATTERN: &[u8] = b"abca";
#[differentiable(second_order)]
fn gauss(x: &[f64; 2]) -> f64 {
    let (a, b) = (x[0], x[1]);
    let half = (b - a) / 2.0;
    let mid = (a + b) / 2.0;
    let mut total = 0.0;
    for (w, n) in WEIGHTS.iter().zip(NODES.iter()) {
        let t = mid + half * n;
        total += w * (t * t).exp();
    }
    let mut bonus = 0.0;
    for (i, &c) in PATTERN.iter().enumerate() {
        bonus += match c {
            b'a' => a * i as f64,
            b'b'..=b'c' => b * (c - b'a') as f64,
            _ => unreachable!(),
        };
    }
    half * total + bonus
}
#[derive(Clone, Debug, Differentiable)]
struct Mat<const R: usize, const C: usize> {
    data: [[f64; C]; R],
}
impl<const R: usize, const C: usize> Mat<R, C> {
    #[differentiable(wrt(self, o), second_order)]
    fn matmul<const K: usize>(&self, o: &Mat<C, K>) -> Mat<R, K> {
        let mut data = [[0.0; K]; R];
        for (i, row) in data.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell = (0..C).map(|k| self.data[i][k] * o.data[k][j]).sum();
            }
        }
        Mat { data }
    }
    #[differentiable(wrt(self), second_order)]
    fn transpose(&self) -> Mat<C, R> {
        Mat { data: std::array::from_fn(|i| std::array::from_fn(|j| self.data[j][i])) }
    }
    #[differentiable(wrt(self), second_order)]
    fn trace(&self) -> f64 {
        (0..R.min(C)).map(|i| self.data[i][i]).sum()
    }
}
#[differentiable(second_order)]
fn mats(x: &[f64; 6]) -> f64 {
    let m = Mat::<2, 3> { data: [[x[0], x[1], x[2]], [x[3], x[4], x[5]]] };
    let g = m.matmul(&m.transpose());
    g.trace() * g.data[0][1]
}
#[differentiable(second_order)]
fn shadow(x: &[f64; 3]) -> f64 {
    let f = |a: f64| {
        let g = |b: f64| b * a + x[1];
        g(a) * g(x[2])
    };
    let x0 = x[0];
    let x0 = f(x0) + x0;
    let x0 = {
        let x0 = x0 * 2.0;
        x0.sin()
    };
    let h = |v: f64| f(f(v));
    x0 + h(x0)
}
#[differentiable(wrt(x), second_order)]
fn conv(x: &[f64], kernels: &[&[f64]]) -> f64 {
    kernels
        .iter()
        .map(|k| {
            x.windows(k.len())
                .map(|w| w.iter().zip(k.iter()).map(|(a, b)| a * b).sum::<f64>())
                .map(|s| s.max(0.0).powi(2))
                .sum::<f64>()
        })
        .sum()
}
const KERNELS: &[&[f64]] = &[&[1.0, -0.5], &[0.3, 0.3, 0.4]];
#[differentiable(second_order)]
fn conv1(x: &[f64; 6]) -> f64 {
    conv(x, KERNELS)
}
struct Config {
    damping: Option<f64>,
    mode: Option<&'static str>,
    limit: Option<usize>,
}
#[differentiable(wrt(x), second_order)]
fn configured(c: &Config, x: &[f64]) -> f64 {
    let d = c.damping.filter(|d| *d > 0.0).map(|d| 1.0 - d).unwrap_or(0.9);
    let n = c.limit.map_or(x.len(), |l| l.min(x.len()));
    let base: f64 = x[..n].iter().map(|v| v * d).sum();
    match c.mode {
        Some("square") => base * base,
        Some(m) if m.starts_with("s") => base.sin(),
        Some(_) | None => base,
    }
}
#[differentiable(second_order)]
fn conf1(x: &[f64; 3]) -> f64 {
    let c = Config { damping: Some(0.2), mode: Some("square"), limit: None };
    let d = Config { damping: None, mode: Some("sin"), limit: Some(2) };
    configured(&c, x) * configured(&d, x)
}
#[differentiable(second_order)]
fn ema(x: &[f64; 5]) -> f64 {
    let alpha = 0.3;
    let smooth: Vec<f64> = x
        .iter()
        .scan(0.0, |s, v| {
            *s = alpha * v + (1.0 - alpha) * *s;
            Some(*s)
        })
        .collect();
    let (m, v) = smooth.iter().fold((0.0, 0.0), |(m, v), s| (m + s, v + s * s));
    let odd: f64 = x.iter().skip(1).step_by(2).rev().map(|v| v.exp()).sum();
    let (mean, var, _) = x.iter().fold((0.0, 0.0, 0.0), |(mean, m2, n), &v| {
        let n = n + 1.0;
        let d = v - mean;
        let mean = mean + d / n;
        (mean, m2 + d * (v - mean), n)
    });
    v / 5.0 - (m / 5.0).powi(2) + odd + var * mean
}
#[differentiable(wrt(x), second_order)]
fn adaptive(x: &[f64; 2]) -> f64 {
    let f = |t: f64| (x[0] * t).sin() * x[1];
    let mut stack = vec![(0.0f64, 1.0f64, 0)];
    let mut total = 0.0;
    while let Some((a, b, depth)) = stack.pop() {
        let m = 0.5 * (a + b);
        let whole = (b - a) / 6.0 * (f(a) + 4.0 * f(m) + f(b));
        if depth >= 2 {
            total += whole;
        } else {
            stack.push((a, m, depth + 1));
            stack.push((m, b, depth + 1));
        }
    }
    total
}
#[differentiable(second_order)]
fn owa(x: &[f64; 4]) -> f64 {
    let mut idx = [0usize, 1, 2, 3];
    idx.sort_by(|&i, &j| x[j].total_cmp(&x[i]));
    let w = [0.4, 0.3, 0.2, 0.1];
    idx.iter().zip(w).map(|(&i, w)| w * x[i] * x[i]).sum()
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bc {
    Dirichlet,
    Neumann,
    Periodic,
}
#[differentiable(wrt(u), second_order)]
fn laplacian(u: &[f64], left: Bc, right: Bc) -> f64 {
    let Some(n) = u.len().checked_sub(1) else { return 0.0 };
    if matches!(left, Bc::Periodic) != matches!(right, Bc::Periodic) {
        return f64::NAN;
    }
    let get = |i: isize| -> f64 {
        if i < 0 {
            match left {
                Bc::Dirichlet => 0.0,
                Bc::Neumann => u[0],
                Bc::Periodic => u[n],
            }
        } else if i as usize > n {
            match right {
                Bc::Dirichlet => 0.0,
                Bc::Neumann => u[n],
                Bc::Periodic => u[0],
            }
        } else {
            u[i as usize]
        }
    };
    (0..=n as isize)
        .map(|i| {
            let l = get(i - 1) - 2.0 * get(i) + get(i + 1);
            l * l
        })
        .sum()
}
#[differentiable(second_order)]
fn lap1(x: &[f64; 4]) -> f64 {
    laplacian(x, Bc::Neumann, Bc::Dirichlet) * laplacian(x, Bc::Periodic, Bc::Periodic)
}
#[differentiable(wrt(y0), second_order)]
fn rk4<const N: usize>(f: impl Fn(f64, [f64; N]) -> [f64; N], y0: [f64; N], h: f64, n: usize) -> [f64; N] {
    let mut y = y0;
    let mut t = 0.0;
    for _ in 0..n {
        let k1 = f(t, y);
        let k2 = f(t + h / 2.0, std::array::from_fn(|i| y[i] + h / 2.0 * k1[i]));
        let k3 = f(t + h / 2.0, std::array::from_fn(|i| y[i] + h / 2.0 * k2[i]));
        let k4 = f(t + h, std::array::from_fn(|i| y[i] + h * k3[i]));
        for i in 0..N {
            y[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        }
        t += h;
    }
    y
}
#[differentiable(second_order)]
fn vdp(x: &[f64; 3]) -> f64 {
    let mu = x[2];
    let end = rk4(|_t, [p, v]| [v, mu * (1.0 - p * p) * v - p], [x[0], x[1]], 0.1, 5);
    end[0] * end[1]
}

#[test]
fn rotations_by_quaternions() {
    agrees_twice!(quat, 7, [0.3, 0.5, 0.2, 0.7, 0.1, 0.9, 0.4]);
}

#[test]
fn a_material_with_associated_constants() {
    agrees_twice!(stress1, 3, [0.3, 0.5, 0.2]);
}

#[test]
fn a_quadrature_by_tables() {
    agrees_twice!(gauss, 2, [0.3, 0.5]);
}

#[test]
fn matrices_of_constant_parameters() {
    agrees_twice!(mats, 6, [0.3, 0.5, 0.2, 0.7, 0.1, 0.9]);
}

#[test]
fn closures_in_closures() {
    agrees_twice!(shadow, 3, [0.3, 0.5, 0.2]);
}

#[test]
fn kernels_in_slices_of_slices() {
    agrees_twice!(conv1, 6, [0.3, 0.5, 0.2, 0.7, 0.1, 0.9]);
}

#[test]
fn options_of_a_configuration() {
    agrees_twice!(conf1, 3, [0.3, 0.5, 0.2]);
}

#[test]
fn moving_averages() {
    agrees_twice!(ema, 5, [0.3, 0.5, 0.2, 0.7, 0.1]);
}

#[test]
fn an_integral_with_a_stack_of_intervals() {
    agrees_twice!(adaptive, 2, [0.3, 0.5]);
}

#[test]
fn ordered_weights() {
    agrees_twice!(owa, 4, [0.3, 0.5, 0.2, 0.7]);
}

#[test]
fn boundary_conditions() {
    agrees_twice!(lap1, 4, [0.3, 0.5, 0.2, 0.7]);
}

#[test]
fn an_oscillator_by_runge_kutta() {
    agrees!(vdp, 3, [0.3, 0.5, 0.2]);
}

#[differentiable(second_order)]
fn mlp_flat(w: &[f64; 17]) -> f64 {
    let x = [0.5, -1.0];
    let sizes = [2usize, 3, 2];
    let mut act: Vec<f64> = x.to_vec();
    let mut k = 0;
    for l in 0..sizes.len() - 1 {
        let (n_in, n_out) = (sizes[l], sizes[l + 1]);
        let mut next = vec![0.0; n_out];
        for o in 0..n_out {
            let mut z = w[k + n_in];
            for i in 0..n_in {
                z += w[k + i] * act[i];
            }
            next[o] = if l + 2 < sizes.len() { z.tanh() } else { z };
            k += n_in + 1;
        }
        act = next;
    }
    let m = act.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
    let lse = m + act.iter().map(|a| (a - m).exp()).sum::<f64>().ln();
    lse - act[1]
}
#[differentiable(wrt(rank), second_order)]
fn pagerank(rank: &[f64], edges: &HashMap<usize, Vec<usize>>, damping: f64) -> f64 {
    let n = rank.len();
    let mut next = vec![(1.0 - damping) / n as f64; n];
    for src in 0..n {
        if let Some(outs) = edges.get(&src) {
            let share = damping * rank[src] / outs.len() as f64;
            for &dst in outs {
                next[dst] += share;
            }
        } else {
            for v in next.iter_mut() {
                *v += damping * rank[src] / n as f64;
            }
        }
    }
    next.iter().zip(rank).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}
#[differentiable(second_order)]
fn friction(re_eps: &[f64; 2]) -> f64 {
    let re = re_eps[0] * 1000.0;
    let eps = re_eps[1];
    assert!(re > 0.0, "Reynolds number must be positive, got {re}");
    if re < 2000.0 {
        return 64.0 / re;
    }
    let mut f = 0.02;
    for _ in 0..50 {
        let rhs = -2.0 * (eps / 3.7 + 2.51 / (re * f64::sqrt(f))).log10();
        let fnew = 1.0 / (rhs * rhs);
        if (fnew - f).abs() < 1e-14 {
            return fnew;
        }
        f = fnew;
    }
    f
}
#[derive(Clone, Debug, Differentiable)]
struct Kalman {
    x: [f64; 2],
    p: [[f64; 2]; 2],
    q: f64,
    r: f64,
}
impl Kalman {
    #[differentiable(wrt(self, dt), second_order)]
    fn predict(&mut self, dt: f64) {
        let [x, v] = self.x;
        self.x = [x + v * dt, v];
        let f = [[1.0, dt], [0.0, 1.0]];
        let mut fp = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    fp[i][j] += f[i][k] * self.p[k][j];
                }
            }
        }
        let mut out = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    out[i][j] += fp[i][k] * f[j][k];
                }
            }
        }
        out[0][0] += self.q * dt;
        out[1][1] += self.q * dt;
        self.p = out;
    }
    #[differentiable(wrt(self, z), second_order)]
    fn update(&mut self, z: f64) -> f64 {
        let y = z - self.x[0];
        let s = self.p[0][0] + self.r;
        let k = [self.p[0][0] / s, self.p[1][0] / s];
        for (x, k) in self.x.iter_mut().zip(&k) {
            *x += k * y;
        }
        let p = self.p;
        for i in 0..2 {
            for j in 0..2 {
                self.p[i][j] = p[i][j] - k[i] * p[0][j];
            }
        }
        -0.5 * (y * y / s + s.ln())
    }
}
#[differentiable(second_order)]
fn kalman(x: &[f64; 4]) -> f64 {
    let mut kf = Kalman { x: [x[0], x[1]], p: [[1.0, 0.0], [0.0, 1.0]], q: x[2].exp(), r: x[3].exp() };
    let mut ll = 0.0;
    for z in [0.1, 0.25, 0.2, 0.4] {
        kf.predict(0.1);
        ll += kf.update(z);
    }
    ll
}
#[differentiable(second_order)]
fn softmax_ce<T: Real>(logits: &[T], label: usize) -> T {
    let m = logits.iter().copied().fold(logits[0], |a, b| a.max(b));
    let z: T = logits.iter().map(|&l| (l - m).exp()).sum();
    z.ln() + m - logits[label]
}
#[differentiable(second_order)]
fn ce(x: &[f64; 3]) -> f64 {
    softmax_ce(x, 1) + softmax_ce(&x[1..], 0) * 2.0
}
#[differentiable(second_order)]
fn complex_poly(x: &[f64; 4]) -> f64 {
    let coeffs = [(x[0], x[1]), (x[2], 0.0), (1.0, x[3])];
    let z = (0.3, 0.4);
    let (mut re, mut im) = (0.0, 0.0);
    for &(cr, ci) in coeffs.iter().rev() {
        (re, im) = (re * z.0 - im * z.1 + cr, re * z.1 + im * z.0 + ci);
    }
    re.hypot(im)
}
#[differentiable(second_order)]
fn fwht(x: &[f64; 8]) -> f64 {
    let mut a = *x;
    let mut h = 1;
    while h < a.len() {
        for i in (0..a.len()).step_by(h << 1) {
            for j in i..i + h {
                let (u, v) = (a[j], a[j + h]);
                a[j] = u + v;
                a[j + h] = u - v;
            }
        }
        h <<= 1;
    }
    a.iter().enumerate().map(|(i, v)| if (i as u8).count_ones() % 2 == 0 { v * v } else { v.sin() }).sum()
}
#[differentiable(second_order)]
fn dtw(x: &[f64; 6]) -> f64 {
    let (a, b) = x.split_at(3);
    let n = a.len();
    let m = b.len();
    let mut d = vec![vec![f64::INFINITY; m + 1]; n + 1];
    d[0][0] = 0.0;
    for i in 1..=n {
        for j in 1..=m {
            let cost = (a[i - 1] - b[j - 1]).powi(2);
            d[i][j] = cost + d[i - 1][j].min(d[i][j - 1]).min(d[i - 1][j - 1]);
        }
    }
    d[n][m]
}
#[differentiable(second_order)]
fn kepler(x: &[f64; 2]) -> f64 {
    let (m, e) = (x[0], x[1]);
    let f = |ea: f64| ea - e * ea.sin() - m;
    let df = |ea: f64| 1.0 - e * ea.cos();
    let mut ea = m;
    let mut iter = 0;
    loop {
        let step = f(ea) / df(ea);
        ea -= step;
        iter += 1;
        if step.abs() < 1e-13 || iter > 30 {
            break;
        }
    }
    2.0 * ((1.0 + e).sqrt() * (ea / 2.0).sin()).atan2((1.0 - e).sqrt() * (ea / 2.0).cos())
}
enum Shape {
    Circle { r: f64 },
    Rect { w: f64, h: f64 },
    Union(Box<Shape>, Box<Shape>),
    Translate { by: [f64; 2], inner: Rc<Shape> },
}
#[differentiable(wrt(p), second_order)]
fn sdf(s: &Shape, p: &[f64; 2]) -> f64 {
    match s {
        Shape::Circle { r } => (p[0] * p[0] + p[1] * p[1]).sqrt() - r,
        Shape::Rect { w, h } => {
            let d = [p[0].abs() - w, p[1].abs() - h];
            let outside = (d[0].max(0.0).powi(2) + d[1].max(0.0).powi(2)).sqrt();
            outside + d[0].max(d[1]).min(0.0)
        }
        Shape::Union(a, b) => sdf(a, p).min(sdf(b, p)),
        Shape::Translate { by, inner } => sdf(inner, &[p[0] - by[0], p[1] - by[1]]),
    }
}
#[differentiable(second_order)]
fn sdf1(x: &[f64; 2]) -> f64 {
    let s = Shape::Union(
        Box::new(Shape::Circle { r: 0.5 }),
        Box::new(Shape::Translate { by: [1.0, 0.5], inner: Rc::new(Shape::Rect { w: 0.2, h: 0.3 }) }),
    );
    let d = sdf(&s, x);
    d * d + sdf(&Shape::Rect { w: 0.1, h: 0.1 }, x)
}
#[differentiable(second_order)]
fn logdet(x: &[f64; 9]) -> f64 {
    let n = 3;
    let mut a: Vec<Vec<f64>> = x.chunks(n).map(|r| r.to_vec()).collect();
    let mut sign = 1.0;
    let mut out = 0.0;
    for k in 0..n {
        let p = (k..n).max_by(|&i, &j| a[i][k].abs().partial_cmp(&a[j][k].abs()).unwrap()).unwrap();
        if p != k {
            a.swap(p, k);
            sign = -sign;
        }
        let pivot = a[k][k];
        if pivot.abs() < 1e-12 {
            return f64::NEG_INFINITY;
        }
        out += pivot.abs().ln();
        for i in k + 1..n {
            let f = a[i][k] / pivot;
            for j in k..n {
                a[i][j] -= f * a[k][j];
            }
        }
    }
    out
}

#[test]
fn a_network_of_flat_weights() {
    agrees_twice!(mlp_flat, 17, [0.3, 0.5, 0.2, 0.7, 0.1, 0.9, 0.4, 0.3, -0.5, 0.2, 0.7, 0.1, 0.9, 0.4, 0.2, 0.1, 0.3]);
}

#[test]
fn friction_by_colebrook() {
    agrees_twice!(friction, 2, [50.0, 0.1], [1.2, 0.2]);
}

#[test]
fn a_kalman_filter() {
    agrees_twice!(kalman, 4, [0.3, 0.5, 0.2, 0.7]);
}

#[test]
fn a_generic_cross_entropy() {
    agrees_twice!(ce, 3, [0.3, 0.5, 0.2]);
}

#[test]
fn a_complex_polynomial() {
    agrees_twice!(complex_poly, 4, [0.3, 0.5, 0.2, 0.7]);
}

#[test]
fn a_walsh_hadamard_transform() {
    agrees_twice!(fwht, 8, [0.3, 0.5, 0.2, 0.7, 0.1, 0.9, 0.4, 0.3]);
}

#[test]
fn a_distance_by_time_warping() {
    agrees_twice!(dtw, 6, [0.3, 0.5, 0.2, 0.75, 0.1, 0.9]);
}

#[test]
fn keplers_equation() {
    agrees_twice!(kepler, 2, [0.8, 0.3]);
}

#[test]
fn a_distance_field_of_a_tree() {
    agrees_twice!(sdf1, 2, [1.5, 1.2], [-0.7, -0.4]);
}

#[test]
fn a_determinant_with_pivots() {
    agrees_twice!(logdet, 9, [0.3, 0.5, 0.2, 0.7, 0.1, 0.9, 0.4, 0.3, -0.5]);
}

#[test]
fn ranks_of_a_graph() {
    #[differentiable(second_order)]
    fn f(x: &[f64; 4]) -> f64 {
        let mut m = HashMap::new();
        m.insert(0, vec![1, 2]);
        m.insert(2, vec![3]);
        pagerank(x, &m, 0.85)
    }
    agrees_twice!(f, 4, [0.3, 0.5, 0.2, 0.7]);
}
