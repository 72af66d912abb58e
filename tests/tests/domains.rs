//! Functions as they stand in crates of many domains, in idiomatic Rust: structs with methods, generics, iterators, early returns, slice patterns, own
//! traits, configurations, state machines.

#![allow(clippy::all, dead_code, reason = "the forms are what is tested")]

mod statistics {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;
    /// Weighted mean and variance, one pass (West 1979).

    #[derive(Clone, Copy, Debug, Default, Differentiable)]
    struct Moments {
        mean: f64,
        m2: f64,
        weight: f64,
    }
    impl Moments {
        #[differentiable(wrt(self, x, w), second_order)]
        fn add(&mut self, x: f64, w: f64) {
            let total = self.weight + w;
            let delta = x - self.mean;
            self.mean += delta * w / total;
            self.m2 += w * delta * (x - self.mean);
            self.weight = total;
        }
        #[differentiable(wrt(self), second_order)]
        fn variance(&self) -> f64 {
            self.m2 / self.weight
        }
    }

    #[differentiable(second_order)]
    fn weighted_variance(x: &[f64; 6]) -> f64 {
        let mut m = Moments::default();
        let (values, weights) = x.split_at(3);
        for (&v, &w) in values.iter().zip(weights) {
            m.add(v, w);
        }
        m.variance().sqrt()
    }

    #[differentiable(second_order)]
    fn skewness(x: &[f64; 5]) -> f64 {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let (m2, m3) = x.iter().fold((0.0, 0.0), |(m2, m3), v| {
            let d = v - mean;
            (m2 + d.powi(2), m3 + d.powi(3))
        });
        (m3 / n) / (m2 / n).powf(1.5)
    }

    #[differentiable(second_order)]
    fn pearson(x: &[f64; 6]) -> f64 {
        let (a, b) = x.split_at(3);
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (ma, mb) = (mean(a), mean(b));
        let mut cov = 0.0;
        let mut va = 0.0;
        let mut vb = 0.0;
        for i in 0..a.len() {
            let (da, db) = (a[i] - ma, b[i] - mb);
            cov += da * db;
            va += da * da;
            vb += db * db;
        }
        cov / (va * vb).sqrt()
    }
    fn ln_gamma_inactive(x: f64) -> f64 {
        x.ln() * 0.5
    }
    /// Lanczos approximation

    #[differentiable(second_order)]
    fn ln_gamma(x: f64) -> f64 {
        const G: [f64; 6] = [
            76.18009172947146,
            -86.50532032941677,
            24.01409824083091,
            -1.231739572450155,
            0.1208650973866179e-2,
            -0.5395239384953e-5,
        ];
        let mut y = x;
        let tmp = x + 5.5 - (x + 0.5) * (x + 5.5).ln();
        let mut ser = 1.000000000190015;
        for g in G.iter() {
            y += 1.0;
            ser += g / y;
        }
        -tmp + (2.5066282746310005 * ser / x).ln()
    }

    #[derive(Clone, Copy)]
    enum Family {
        Normal,
        Gamma,
        Beta,
        StudentT { df: f64 },
    }

    #[differentiable(wrt(a, b, x), second_order)]
    fn log_pdf(family: Family, a: f64, b: f64, x: f64) -> f64 {
        match family {
            Family::Normal => -0.5 * ((x - a) / b).powi(2) - b.ln() - 0.5 * std::f64::consts::TAU.ln(),
            Family::Gamma => a * b.ln() - ln_gamma(a) + (a - 1.0) * x.ln() - b * x,
            Family::Beta => {
                if x <= 0.0 || x >= 1.0 {
                    return f64::NEG_INFINITY;
                }
                ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + (a - 1.0) * x.ln() + (b - 1.0) * (1.0 - x).ln()
            }
            Family::StudentT { df } => {
                let z = (x - a) / b;
                ln_gamma_inactive(df) - 0.5 * (df + 1.0) * (z * z / df).ln_1p() - b.ln()
            }
        }
    }

    #[differentiable(second_order)]
    fn families(x: &[f64; 3]) -> f64 {
        let mut total = 0.0;
        for family in [Family::Normal, Family::Gamma, Family::Beta, Family::StudentT { df: 4.0 }] {
            total += log_pdf(family, x[0], x[1], x[2]);
        }
        total
    }

    #[differentiable(second_order)]
    fn median_of_five(x: &[f64; 5]) -> f64 {
        let mut sorted = x.to_vec();
        sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let mid = sorted.len() / 2;
        let med = if sorted.len() % 2 == 0 { (sorted[mid - 1] + sorted[mid]) / 2.0 } else { sorted[mid] };
        let mut dev: Vec<f64> = x.iter().map(|v| (v - med).abs()).collect();
        dev.sort_by(f64::total_cmp);
        med * med + 1.4826 * dev[mid] * med
    }

    #[differentiable(second_order)]
    fn quantile(x: &[f64; 5]) -> f64 {
        fn position(q: f64, n: usize) -> (usize, f64) {
            let h = q * (n - 1) as f64;
            (h.floor() as usize, h.fract())
        }
        let mut v = *x;
        v.sort_by(|a, b| a.total_cmp(b));
        let (lo, frac) = position(0.3, v.len());
        let hi = (lo + 1).min(v.len() - 1);
        let q = v[lo] + frac * (v[hi] - v[lo]);
        q * q * q
    }

    #[differentiable(second_order)]
    fn kde(x: &[f64; 5]) -> f64 {
        let (h, points) = x.split_last().unwrap();
        let n = points.len() as f64;
        let k = |u: f64| (-0.5 * u * u).exp() / (2.0 * std::f64::consts::PI).sqrt();
        [-0.5, 0.0, 0.7].iter().map(|&t| (points.iter().map(|&p| k((t - p) / h)).sum::<f64>() / (n * h)).ln()).sum()
    }

    #[differentiable(second_order)]
    fn autocorrelation(x: &[f64; 6]) -> f64 {
        let n = x.len();
        let mu = x.iter().copied().sum::<f64>() / n as f64;
        let c: Vec<f64> =
            (0..3).map(|lag| x[..n - lag].iter().zip(&x[lag..]).map(|(a, b)| (a - mu) * (b - mu)).sum::<f64>()).collect();
        let rho: Vec<_> = c.iter().skip(1).map(|v| v / c[0]).collect();
        rho.iter().map(|r| r * r).sum::<f64>() * n as f64
    }

    #[differentiable(second_order)]
    fn em_step(x: &[f64; 6]) -> f64 {
        let mut means = [x[0], x[1]];
        let data = &x[2..];
        let mut pi = [0.5f64; 2];
        for _iteration in 0..2 {
            let resp: Vec<[f64; 2]> = data
                .iter()
                .map(|&d| {
                    let p: [f64; 2] = std::array::from_fn(|k| pi[k] * (-0.5 * (d - means[k]).powi(2)).exp());
                    let s: f64 = p.iter().sum();
                    p.map(|v| v / s)
                })
                .collect();
            for k in 0..2 {
                let nk: f64 = resp.iter().map(|r| r[k]).sum();
                means[k] = resp.iter().zip(data).map(|(r, &d)| r[k] * d).sum::<f64>() / nk;
                pi[k] = nk / data.len() as f64;
            }
        }
        (means[0] - means[1]).powi(2) + pi[0] * pi[1]
    }
    #[test]
    fn estimators_and_densities() {
        agrees_twice!(weighted_variance, 6, [1.0, 2.5, -0.3, 0.5, 1.5, 1.0]);
        agrees_twice!(skewness, 5, [1.0, 2.5, -0.3, 0.5, 1.5]);
        agrees_twice!(pearson, 6, [1.0, 2.5, -0.3, 0.5, 1.5, 1.0]);
        agrees_twice!(families, 3, [1.2, 0.8, 0.4]);
        agrees_twice!(median_of_five, 5, [1.0, 2.5, -0.3, 0.6, 1.7]);
        agrees_twice!(quantile, 5, [1.0, 2.5, -0.3, 0.5, 1.5]);
        agrees_twice!(kde, 5, [1.0, 0.5, -0.3, 0.2, 0.8]);
        agrees_twice!(autocorrelation, 6, [1.0, 2.5, -0.3, 0.5, 1.5, 1.0]);
        agrees_twice!(em_step, 6, [1.0, -0.5, -0.3, 0.5, 1.5, 1.0]);
    }
}

mod geometry {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;

    #[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
    struct Vec3 {
        x: f64,
        y: f64,
        z: f64,
    }
    impl Vec3 {
        const ZERO: Vec3 = Vec3 { x: 0.0, y: 0.0, z: 0.0 };
        #[differentiable(second_order, associated)]
        fn new(x: f64, y: f64, z: f64) -> Self {
            Self { x, y, z }
        }
        #[differentiable(wrt(self, o), second_order)]
        fn plus(self, o: Self) -> Self {
            Self::new(self.x + o.x, self.y + o.y, self.z + o.z)
        }
        #[differentiable(wrt(self, o), second_order)]
        fn minus(self, o: Self) -> Self {
            Vec3 { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
        }
        #[differentiable(wrt(self, k), second_order)]
        fn scaled(self, k: f64) -> Self {
            Vec3 { x: self.x * k, y: self.y * k, z: self.z * k }
        }
        #[differentiable(wrt(self, o), second_order)]
        fn dot(self, o: Self) -> f64 {
            self.x * o.x + self.y * o.y + self.z * o.z
        }
        #[differentiable(wrt(self, o), second_order)]
        fn cross(self, o: Self) -> Self {
            Self { x: self.y * o.z - self.z * o.y, y: self.z * o.x - self.x * o.z, z: self.x * o.y - self.y * o.x }
        }
        #[differentiable(wrt(self), second_order)]
        fn norm(self) -> f64 {
            self.dot(self).sqrt()
        }
        #[differentiable(wrt(self), second_order)]
        fn normalized(self) -> Self {
            let n = self.norm();
            if n > 0.0 { self.scaled(1.0 / n) } else { self }
        }
    }

    #[differentiable(second_order)]
    fn triangle_area(p: &[f64; 9]) -> f64 {
        let [a, b, c] = [0, 1, 2].map(|i| Vec3::new(p[3 * i], p[3 * i + 1], p[3 * i + 2]));
        0.5 * b.minus(a).cross(c.minus(a)).norm()
    }

    #[differentiable(second_order)]
    fn dihedral(p: &[f64; 12]) -> f64 {
        let at = |i: usize| Vec3 { x: p[3 * i], y: p[3 * i + 1], z: p[3 * i + 2] };
        let b1 = at(1).minus(at(0));
        let b2 = at(2).minus(at(1));
        let b3 = at(3).minus(at(2));
        let n1 = b1.cross(b2).normalized();
        let n2 = b2.cross(b3).normalized();
        let m1 = n1.cross(b2.normalized());
        m1.dot(n2).atan2(n1.dot(n2))
    }

    #[derive(Clone, Copy, Debug, Differentiable)]
    struct Quat {
        w: f64,
        v: Vec3,
    }
    impl Quat {
        #[differentiable(wrt(axis, angle), associated, second_order)]
        fn from_axis_angle(axis: Vec3, angle: f64) -> Quat {
            let (s, c) = (0.5 * angle).sin_cos();
            Quat { w: c, v: axis.normalized().scaled(s) }
        }
        #[differentiable(wrt(self, o), second_order)]
        fn mul(self, o: Quat) -> Quat {
            Quat { w: self.w * o.w - self.v.dot(o.v), v: o.v.scaled(self.w).plus(self.v.scaled(o.w)).plus(self.v.cross(o.v)) }
        }
        #[differentiable(wrt(self, p), second_order)]
        fn rotate(self, p: Vec3) -> Vec3 {
            let t = self.v.cross(p).scaled(2.0);
            p.plus(t.scaled(self.w)).plus(self.v.cross(t))
        }
    }

    #[differentiable(second_order)]
    fn rotated(p: &[f64; 5]) -> f64 {
        let q = Quat::from_axis_angle(Vec3::new(p[0], p[1], p[2]), p[3]);
        let r = Quat::from_axis_angle(Vec3::new(0.0, 0.0, 1.0), p[4]);
        let v = q.mul(r).rotate(Vec3 { x: 1.0, ..Vec3::ZERO });
        v.x + 2.0 * v.y * v.z
    }
    struct Link {
        length: f64,
        offset: f64,
    }

    #[differentiable(wrt(q), second_order)]
    fn end_effector(links: &[Link], q: &[f64]) -> (f64, f64) {
        let mut theta = 0.0;
        let (mut x, mut y) = (0.0, 0.0);
        for (link, angle) in links.iter().zip(q.iter()) {
            theta += angle + link.offset;
            x += link.length * theta.cos();
            y += link.length * theta.sin();
        }
        (x, y)
    }

    #[differentiable(second_order)]
    fn reach(q: &[f64; 3]) -> f64 {
        let links = [Link { length: 1.0, offset: 0.1 }, Link { length: 0.7, offset: 0.0 }, Link { length: 0.3, offset: -0.2 }];
        let (x, y) = end_effector(&links, q);
        let target = (0.5, 1.2);
        (x - target.0).powi(2) + (y - target.1).powi(2) + 1e-2 * q.iter().map(|a| a.powi(2)).sum::<f64>()
    }
    type Mat4 = [[f64; 4]; 4];

    #[differentiable(wrt(theta), second_order)]
    fn dh(theta: f64, d: f64, a: f64, alpha: f64) -> [[f64; 4]; 4] {
        let (st, ct) = theta.sin_cos();
        let (sa, ca) = alpha.sin_cos();
        [[ct, -st * ca, st * sa, a * ct], [st, ct * ca, -ct * sa, a * st], [0.0, sa, ca, d], [0.0, 0.0, 0.0, 1.0]]
    }

    #[differentiable(wrt(a, b), second_order)]
    fn matmul(a: &Mat4, b: &Mat4) -> [[f64; 4]; 4] {
        let mut c = [[0.0; 4]; 4];
        for (i, row) in c.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry = (0..4).map(|k| a[i][k] * b[k][j]).sum();
            }
        }
        c
    }

    #[differentiable(second_order)]
    fn arm(q: &[f64; 3]) -> f64 {
        let table = [(0.3, 0.0, std::f64::consts::FRAC_PI_2), (0.0, 0.5, 0.0), (0.1, 0.4, -0.3)];
        let mut t = [[0.0; 4]; 4];
        for i in 0..4 {
            t[i][i] = 1.0;
        }
        for (&angle, &(d, a, alpha)) in q.iter().zip(table.iter()) {
            t = matmul(&t, &dh(angle, d, a, alpha));
        }
        t[0][3] * t[0][3] + t[1][3] - t[2][3] * t[0][0]
    }
    /// Winding polygon area, by an iterator that wraps.

    #[differentiable(second_order)]
    fn shoelace(p: &[f64; 8]) -> f64 {
        let pts: Vec<[f64; 2]> = p.chunks(2).map(|c| [c[0], c[1]]).collect();
        pts.iter().zip(pts.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0
    }

    #[differentiable(second_order)]
    fn shoelace2(p: &[f64; 8]) -> f64 {
        let n = p.len() / 2;
        let mut twice = 0.0;
        let mut j = n - 1;
        for i in 0..n {
            let ([xi, yi], [xj, yj]) = ([p[2 * i], p[2 * i + 1]], [p[2 * j], p[2 * j + 1]]);
            twice += xj * yi - xi * yj;
            j = i;
        }
        0.5 * twice * twice
    }

    #[differentiable(second_order)]
    fn segment_distance(p: &[f64; 6]) -> f64 {
        let &[px, py, ax, ay, bx, by] = p;
        let (dx, dy) = (bx - ax, by - ay);
        let len2 = dx * dx + dy * dy;
        if len2 == 0.0 {
            return (px - ax).hypot(py - ay);
        }
        let t = (((px - ax) * dx + (py - ay) * dy) / len2).clamp(0.0, 1.0);
        (px - (ax + t * dx)).hypot(py - (ay + t * dy))
    }
    trait Shape {
        fn area(&self) -> f64;
    }
    struct Disc(f64);
    impl Shape for Disc {
        fn area(&self) -> f64 {
            self.0 * self.0 * 3.0
        }
    }

    #[differentiable(wrt(x), second_order)]
    fn areas(shapes: &[Box<dyn Shape>], x: &[f64; 2]) -> f64 {
        shapes.iter().zip(x).map(|(shape, k)| shape.area() * k.powi(3)).sum()
    }

    #[differentiable(second_order)]
    fn scene(x: &[f64; 2]) -> f64 {
        let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Disc(1.0)), Box::new(Disc(2.0))];
        areas(&shapes, x)
    }
    #[test]
    fn shapes_and_arms() {
        agrees_twice!(triangle_area, 9, [0.0, 0.1, 0.2, 1.0, 0.3, 0.4, 0.2, 1.5, -0.3]);
        agrees_twice!(dihedral, 12, [0.0, 0.1, 0.2, 1.0, 0.3, 0.4, 0.2, 1.5, -0.3, 1.0, 1.2, 0.8]);
        agrees_twice!(rotated, 5, [0.3, 0.5, -0.2, 0.7, 0.4]);
        agrees_twice!(reach, 3, [0.3, 0.5, -0.2]);
        agrees_twice!(arm, 3, [0.3, 0.5, -0.2]);
        agrees_twice!(shoelace, 8, [0.0, 0.1, 1.0, 0.2, 1.2, 1.4, -0.1, 0.9]);
        agrees_twice!(shoelace2, 8, [0.0, 0.1, 1.0, 0.2, 1.2, 1.4, -0.1, 0.9]);
        agrees_twice!(segment_distance, 6, [0.5, 1.1, 0.0, 0.2, 1.2, 0.4], [2.5, 1.1, 0.0, 0.2, 1.2, 0.4]);
        agrees_twice!(scene, 2, [0.5, 1.1]);
    }
}

mod signals {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;

    #[derive(Clone, Debug, Differentiable)]
    struct Biquad {
        b: [f64; 3],
        a: [f64; 2],
        #[differentiable(skip)]
        kind: Kind,
    }

    #[derive(Clone, Debug, Default, PartialEq)]
    enum Kind {
        #[default]
        LowPass,
        HighPass,
    }

    #[derive(Clone, Copy, Debug, Default, Differentiable)]
    struct BiquadState {
        z1: f64,
        z2: f64,
    }
    impl Biquad {
        #[differentiable(wrt(cutoff, q), associated, second_order)]
        fn design(kind: Kind, cutoff: f64, q: f64) -> Biquad {
            let w0 = std::f64::consts::TAU * cutoff;
            let (sin, cos) = w0.sin_cos();
            let alpha = sin / (2.0 * q);
            let a0 = 1.0 + alpha;
            let b = match kind {
                Kind::LowPass => [(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0],
                Kind::HighPass => [(1.0 + cos) / 2.0, -(1.0 + cos), (1.0 + cos) / 2.0],
            };
            Biquad { b: b.map(|v| v / a0), a: [-2.0 * cos / a0, (1.0 - alpha) / a0], kind }
        }
        #[differentiable(wrt(self, state, x), second_order)]
        fn tick(&self, state: &mut BiquadState, x: f64) -> f64 {
            let y = self.b[0] * x + state.z1;
            state.z1 = self.b[1] * x - self.a[0] * y + state.z2;
            state.z2 = self.b[2] * x - self.a[1] * y;
            y
        }
    }

    #[differentiable(second_order)]
    fn energy(p: &[f64; 2]) -> f64 {
        let filter = Biquad::design(Kind::LowPass, p[0], p[1]);
        let mut state = BiquadState { z1: 0.0, z2: 0.0 };
        let mut energy = 0.0;
        for n in 0..8 {
            let x = if n == 0 { 1.0 } else { 0.0 };
            let y = filter.tick(&mut state, x);
            energy += y * y;
        }
        energy
    }

    #[differentiable(wrt(taps), second_order)]
    fn fir(taps: &[f64], signal: &[f64]) -> Vec<f64> {
        let mut out = Vec::with_capacity(signal.len());
        for i in 0..signal.len() {
            let mut acc = 0.0;
            for (j, tap) in taps.iter().enumerate() {
                if let Some(k) = i.checked_sub(j) {
                    acc += tap * signal[k];
                }
            }
            out.push(acc);
        }
        out
    }

    #[differentiable(second_order)]
    fn fir_loss(t: &[f64; 3]) -> f64 {
        let signal = [1.0, -0.5, 0.25, 2.0, 0.0];
        let desired = [0.9, 0.1, 0.0, 1.0, 0.5];
        fir(t, &signal).iter().zip(desired.iter()).map(|(y, d)| (y - d).powi(2)).sum::<f64>().sqrt()
    }

    #[differentiable(second_order)]
    fn dft_power(x: &[f64; 6]) -> f64 {
        let n = x.len();
        (0..n / 2)
            .map(|k| {
                let (mut re, mut im) = (0.0, 0.0);
                for (t, v) in x.iter().enumerate() {
                    let phi = -std::f64::consts::TAU * (k * t) as f64 / n as f64;
                    re += v * phi.cos();
                    im += v * phi.sin();
                }
                (re * re + im * im).sqrt()
            })
            .sum()
    }

    #[differentiable(second_order)]
    fn exponential_smoothing(p: &[f64; 6]) -> f64 {
        let (alpha, beta) = (p[0], p[1]);
        let series = &p[2..];
        let mut level = series[0];
        let mut trend = series[1] - series[0];
        let mut sse = 0.0;
        for &value in series.iter().skip(1) {
            let last = level;
            let forecast = level + trend;
            sse += (value - forecast).powi(2);
            level = alpha * value + (1.0 - alpha) * forecast;
            trend = beta * (level - last) + (1.0 - beta) * trend;
        }
        sse
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Kalman {
        x: [f64; 2],
        p: [[f64; 2]; 2],
    }
    impl Kalman {
        #[differentiable(wrt(self, q), second_order)]
        fn predict(&mut self, dt: f64, q: f64) {
            self.x[0] += dt * self.x[1];
            let p = self.p;
            self.p[0][0] = p[0][0] + dt * (p[1][0] + p[0][1]) + dt * dt * p[1][1] + q;
            self.p[0][1] = p[0][1] + dt * p[1][1];
            self.p[1][0] = p[1][0] + dt * p[1][1];
            self.p[1][1] += q;
        }
        #[differentiable(wrt(self, r), second_order)]
        fn update(&mut self, z: f64, r: f64) -> f64 {
            let y = z - self.x[0];
            let s = self.p[0][0] + r;
            let k = [self.p[0][0] / s, self.p[1][0] / s];
            for (x, k) in self.x.iter_mut().zip(&k) {
                *x += k * y;
            }
            let [p0, p1] = self.p;
            self.p = [[p0[0] - k[0] * p0[0], p0[1] - k[0] * p0[1]], [p1[0] - k[1] * p0[0], p1[1] - k[1] * p0[1]]];
            0.5 * (y * y / s + s.ln())
        }
    }

    #[differentiable(second_order)]
    fn likelihood(t: &[f64; 2]) -> f64 {
        let mut filter = Kalman { x: [0.0, 1.0], p: [[1.0, 0.0], [0.0, 1.0]] };
        let mut nll = 0.0;
        for z in [1.1, 1.9, 3.2, 3.9] {
            filter.predict(1.0, t[0]);
            nll += filter.update(z, t[1]);
        }
        nll
    }
    struct Pid<T> {
        kp: T,
        ki: T,
        kd: T,
    }

    #[derive(Clone, Copy, Default)]
    struct PidLimits {
        lo: f64,
        hi: f64,
    }

    #[differentiable(second_order)]
    fn pid_cost(k: &[f64; 3]) -> f64 {
        let limits = PidLimits { lo: -5.0, hi: 5.0 };
        let (dt, setpoint) = (0.1, 1.0);
        let (mut y, mut v, mut integral, mut previous) = (0.0, 0.0, 0.0, 0.0);
        let mut cost = 0.0;
        for step in 0..10 {
            let error = setpoint - y;
            integral += error * dt;
            let derivative = if step == 0 { 0.0 } else { (error - previous) / dt };
            previous = error;
            let u = (k[0] * error + k[1] * integral + k[2] * derivative).clamp(limits.lo, limits.hi);
            v += dt * (u - 0.5 * v);
            y += dt * v;
            cost += error * error * dt;
        }
        cost
    }

    #[differentiable(second_order)]
    fn savgol(x: &[f64; 7]) -> f64 {
        const C: [f64; 5] = [-3.0, 12.0, 17.0, 12.0, -3.0];
        x.windows(5).map(|w| w.iter().zip(C).map(|(a, c)| a * c).sum::<f64>() / 35.0).map(|s| s * s).sum()
    }

    #[differentiable(second_order)]
    fn median_filter(x: &[f64; 7]) -> f64 {
        x.windows(3)
            .map(|w| {
                let mut w = [w[0], w[1], w[2]];
                w.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
                w[1].powi(2)
            })
            .sum()
    }

    #[differentiable(second_order)]
    fn median_filter_vec(x: &[f64; 7]) -> f64 {
        let mut out = vec![];
        for w in x.windows(3) {
            let mut w = w.to_vec();
            w.sort_by(|a, b| a.partial_cmp(b).unwrap());
            out.push(w[w.len() / 2]);
        }
        out.into_iter().map(|v| v * v).sum()
    }

    #[differentiable(second_order)]
    fn crank_nicolson(u0: &[f64; 5]) -> f64 {
        let n = u0.len();
        let r = 0.4;
        let mut u = u0.to_vec();
        for _ in 0..2 {
            let mut d: Vec<f64> = vec![0.0; n];
            for i in 1..n - 1 {
                d[i] = r * u[i - 1] + (2.0 - 2.0 * r) * u[i] + r * u[i + 1];
            }
            d[0] = u[0] * 2.0;
            d[n - 1] = u[n - 1] * 2.0;
            let mut c = vec![0.0; n];
            c[0] = 0.0;
            let mut dp = d.clone();
            dp[0] = d[0] / 2.0;
            for i in 1..n {
                let (a, b, cc) = if i == n - 1 { (0.0, 2.0, 0.0) } else { (-r, 2.0 + 2.0 * r, -r) };
                let m = b - a * c[i - 1];
                c[i] = cc / m;
                dp[i] = (d[i] - a * dp[i - 1]) / m;
            }
            u[n - 1] = dp[n - 1];
            for i in (0..n - 1).rev() {
                u[i] = dp[i] - c[i] * u[i + 1];
            }
        }
        u.iter().map(|v| v.powi(2)).sum()
    }
    #[test]
    fn filters_and_controllers() {
        agrees_twice!(energy, 2, [0.1, 0.8]);
        agrees_twice!(fir_loss, 3, [0.1, 0.8, 0.3]);
        agrees_twice!(dft_power, 6, [0.1, 0.8, 0.3, -0.7, 0.4, 1.3]);
        agrees_twice!(exponential_smoothing, 6, [0.1, 0.8, 0.3, -0.7, 0.4, 1.3]);
        agrees_twice!(likelihood, 2, [0.1, 0.8]);
        agrees_twice!(pid_cost, 3, [2.1, 0.8, 0.3]);
        agrees_twice!(savgol, 7, [2.1, 0.8, 0.3, 1.0, -1.0, 0.2, 0.7]);
        agrees_twice!(median_filter, 7, [2.1, 0.8, 0.3, 1.0, -1.0, 0.2, 0.7]);
        agrees_twice!(median_filter_vec, 7, [2.1, 0.8, 0.3, 1.0, -1.0, 0.2, 0.7]);
        agrees_twice!(crank_nicolson, 5, [2.1, 0.8, 0.3, 1.0, -1.0]);
    }
}

mod finance {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;

    #[derive(Clone, Copy, Debug, Differentiable)]
    struct Svi {
        a: f64,
        b: f64,
        rho: f64,
        m: f64,
        sigma: f64,
    }
    impl Svi {
        #[differentiable(wrt(self), second_order)]
        fn total_variance(&self, k: f64) -> f64 {
            let d = k - self.m;
            self.a + self.b * (self.rho * d + (d.powi(2) + self.sigma.powi(2)).sqrt())
        }
    }
    struct Quote {
        strike: f64,
        vol: Option<f64>,
        weight: f64,
    }

    #[differentiable(wrt(p), second_order)]
    fn svi_fit(p: &Svi, quotes: &[Quote], forward: f64, t: f64) -> f64 {
        quotes
            .iter()
            .filter(|q| q.vol.is_some())
            .map(|q| {
                let vol = q.vol.unwrap_or_default();
                let k = (q.strike / forward).ln();
                let model = (p.total_variance(k) / t).max(1e-8).sqrt();
                q.weight * (model - vol).powi(2)
            })
            .sum()
    }

    #[differentiable(second_order)]
    fn svi(x: &[f64; 5]) -> f64 {
        let p = Svi { a: x[0], b: x[1], rho: x[2], m: x[3], sigma: x[4] };
        let quotes = [
            Quote { strike: 90.0, vol: Some(0.25), weight: 1.0 },
            Quote { strike: 100.0, vol: None, weight: 1.0 },
            Quote { strike: 110.0, vol: Some(0.21), weight: 2.0 },
        ];
        svi_fit(&p, &quotes, 101.0, 0.5)
    }

    #[differentiable(second_order)]
    fn nelson_siegel(p: &[f64; 4]) -> f64 {
        let [b0, b1, b2, tau] = *p;
        let maturities = [0.25, 1.0, 2.0, 5.0, 10.0];
        let market = [0.01, 0.013, 0.016, 0.02, 0.025];
        maturities
            .iter()
            .zip(&market)
            .map(|(&t, y)| {
                let x = t / tau;
                let load = -(-x).exp_m1() / x;
                (b0 + b1 * load + b2 * (load - (-x).exp()) - y).powi(2)
            })
            .sum::<f64>()
    }

    #[differentiable(second_order)]
    fn xirr(x: &[f64; 2]) -> f64 {
        let flows = [(-100.0, 0.0), (30.0, 0.5), (60.0, 1.2), (x[1], 2.0)];
        let mut rate = x[0];
        for _ in 0..3 {
            let (mut f, mut df) = (0.0, 0.0);
            for (cf, t) in flows {
                let d = (1.0 + rate).powf(-t);
                f += cf * d;
                df -= t * cf * d / (1.0 + rate);
            }
            rate -= f / df;
        }
        rate
    }

    #[derive(Clone, Debug)]
    struct Schedule {
        times: Vec<f64>,
        calls: std::collections::BTreeMap<usize, f64>,
    }

    #[differentiable(wrt(rate, hazard), second_order)]
    fn cds(schedule: &Schedule, rate: f64, hazard: f64, recovery: f64) -> f64 {
        let mut premium = 0.0;
        let mut protection = 0.0;
        let mut previous = 0.0;
        for (i, &t) in schedule.times.iter().enumerate() {
            let discount = (-rate * t).exp();
            let survival = (-hazard * t).exp();
            let before = (-hazard * previous).exp();
            if let Some(call) = schedule.calls.get(&i) {
                premium += call * discount * survival;
            }
            premium += (t - previous) * discount * survival;
            protection += (1.0 - recovery) * discount * (before - survival);
            previous = t;
        }
        protection / premium
    }

    #[differentiable(second_order)]
    fn cds2(x: &[f64; 2]) -> f64 {
        cds(&Schedule { times: vec![0.5, 1.0, 1.5], calls: [(1, 0.3)].into_iter().collect() }, x[0], x[1], 0.4)
    }

    #[differentiable(second_order)]
    fn natural_spline(y: &[f64; 5]) -> f64 {
        let xs = [0.0, 1.0, 2.5, 3.0, 4.2];
        let n = xs.len();
        let mut y2 = vec![0.0; n];
        let mut u = vec![0.0; n - 1];
        for i in 1..n - 1 {
            let sig = (xs[i] - xs[i - 1]) / (xs[i + 1] - xs[i - 1]);
            let p = sig * y2[i - 1] + 2.0;
            y2[i] = (sig - 1.0) / p;
            u[i] = (y[i + 1] - y[i]) / (xs[i + 1] - xs[i]) - (y[i] - y[i - 1]) / (xs[i] - xs[i - 1]);
            u[i] = (6.0 * u[i] / (xs[i + 1] - xs[i - 1]) - sig * u[i - 1]) / p;
        }
        for k in (0..n - 1).rev() {
            y2[k] = y2[k] * y2[k + 1] + u[k];
        }
        let x = 1.7;
        let (mut klo, mut khi) = (0, n - 1);
        while khi - klo > 1 {
            let k = (khi + klo) >> 1;
            if xs[k] > x { khi = k } else { klo = k }
        }
        let h = xs[khi] - xs[klo];
        let a = (xs[khi] - x) / h;
        let b = (x - xs[klo]) / h;
        let v = a * y[klo] + b * y[khi] + ((a.powi(3) - a) * y2[klo] + (b.powi(3) - b) * y2[khi]) * (h * h) / 6.0;
        v * v
    }

    #[differentiable(wrt(knots, c, t), second_order)]
    fn de_boor<const K: usize>(knots: &[f64], c: &[f64], t: f64, span: usize) -> f64 {
        let mut d = [0.0; K];
        for j in 0..K {
            d[j] = c[j + span + 1 - K];
        }
        for r in 1..K {
            for j in (r..K).rev() {
                let i = j + span + 1 - K;
                let alpha = (t - knots[i]) / (knots[i + K - r] - knots[i]);
                d[j] = (1.0 - alpha) * d[j - 1] + alpha * d[j];
            }
        }
        d[K - 1]
    }

    #[differentiable(second_order)]
    fn bspline(x: &[f64; 6]) -> f64 {
        let knots = [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 1.0];
        de_boor::<4>(&knots, &x[..5], x[5], 3).powi(2)
    }

    #[differentiable(second_order)]
    fn bezier(p: &[f64; 9]) -> f64 {
        let (control, t) = (&p[..8], p[8]);
        let mut pts: Vec<(f64, f64)> = control.chunks_exact(2).map(|c| (c[0], c[1])).collect();
        while pts.len() > 1 {
            pts = pts.windows(2).map(|w| (w[0].0 + t * (w[1].0 - w[0].0), w[0].1 + t * (w[1].1 - w[0].1))).collect();
        }
        pts[0].0 * pts[0].1
    }

    #[differentiable(wrt(x), second_order)]
    fn interp(table: &[(f64, f64)], x: f64) -> f64 {
        match table.iter().position(|&(t, _)| t > stop_gradient(x)) {
            None => table[table.len() - 1].1,
            Some(0) => table[0].1,
            Some(i) => {
                let ((x0, y0), (x1, y1)) = (table[i - 1], table[i]);
                y0 + (y1 - y0) * (x - x0) / (x1 - x0)
            }
        }
    }

    #[differentiable(second_order)]
    fn interps(x: &[f64; 3]) -> f64 {
        let table = [(0.0, 1.0), (1.0, 3.0), (2.0, -1.0)];
        x.iter().map(|&v| interp(&table, v).powi(2)).sum::<f64>() * interp(&table, x[0] * x[1])
    }

    #[differentiable(second_order)]
    fn barycentric(f: &[f64; 4]) -> f64 {
        let nodes = [-1.0, -0.3, 0.4, 1.0];
        let w: Vec<f64> =
            (0..4).map(|j| 1.0 / (0..4).filter(|&k| k != j).map(|k| nodes[j] - nodes[k]).product::<f64>()).collect();
        let (num, den) = nodes.iter().zip(&w).zip(f).fold((0.0, 0.0), |(n, d), ((x, w), f)| {
            let q = w / (0.1 - x);
            (n + q * f, d + q)
        });
        (num / den).exp()
    }
    #[test]
    fn curves_and_splines() {
        agrees_twice!(svi, 5, [0.02, 0.1, -0.3, 0.01, 0.2]);
        agrees_twice!(nelson_siegel, 4, [0.03, -0.02, 0.01, 1.5]);
        agrees_twice!(xirr, 2, [0.08, 20.0]);
        agrees_twice!(cds2, 2, [0.08, 0.03]);
        agrees_twice!(natural_spline, 5, [0.08, 0.03, 1.0, -0.4, 0.8]);
        agrees_twice!(bspline, 6, [0.08, 0.03, 1.0, -0.4, 0.8, 0.3]);
        agrees_twice!(bezier, 9, [0.08, 0.03, 1.0, -0.4, 0.8, 0.3, 1.5, 0.7, 0.4]);
        agrees_twice!(interps, 3, [0.8, 1.3, 0.5]);
        agrees_twice!(barycentric, 4, [0.8, 1.3, 0.5, -0.4]);
    }
}

mod physics {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;

    #[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
    struct Body<T> {
        pos: [T; 2],
        vel: [T; 2],
        mass: T,
    }

    #[derive(Clone, Debug, Differentiable)]
    struct System<T, const N: usize> {
        bodies: [Body<T>; N],
        g: T,
    }
    impl<T: Real, const N: usize> System<T, N> {
        #[differentiable(wrt(self), second_order)]
        fn potential(&self) -> T {
            let mut e = T::ZERO;
            for (i, a) in self.bodies.iter().enumerate() {
                for b in &self.bodies[i + 1..] {
                    let r2 = a.pos.iter().zip(&b.pos).map(|(&p, &q)| (p - q) * (p - q)).sum::<T>();
                    e -= self.g * a.mass * b.mass / (r2 + T::from_f64(1e-2)).sqrt();
                }
            }
            e
        }
        #[differentiable(wrt(self), second_order)]
        fn kinetic(&self) -> T {
            self.bodies.iter().map(|b| b.mass * (b.vel[0].powi(2) + b.vel[1].powi(2)) * 0.5).sum()
        }
        #[differentiable(wrt(self), second_order)]
        fn drift(&mut self, dt: T) {
            for body in self.bodies.iter_mut() {
                for (p, v) in body.pos.iter_mut().zip(body.vel) {
                    *p += dt * v;
                }
            }
        }
        #[differentiable(wrt(self), second_order)]
        fn kick(&mut self, dt: T) {
            for i in 0..N {
                let mut acc = [T::ZERO; 2];
                for j in 0..N {
                    if i == j {
                        continue;
                    }
                    let d: [T; 2] = std::array::from_fn(|k| self.bodies[j].pos[k] - self.bodies[i].pos[k]);
                    let r2 = d[0] * d[0] + d[1] * d[1] + 0.01;
                    let inv = self.g * self.bodies[j].mass / (r2 * r2.sqrt());
                    acc[0] += d[0] * inv;
                    acc[1] += d[1] * inv;
                }
                for k in 0..2 {
                    self.bodies[i].vel[k] += dt * acc[k];
                }
            }
        }
    }

    #[differentiable(second_order)]
    fn nbody(x: &[f64; 6]) -> f64 {
        let body = |px: f64, py: f64, m: f64| Body { pos: [px, py], vel: [-py, px], mass: m };
        let mut s = System { bodies: [body(x[0], x[1], 1.0), body(x[2], x[3], x[4])], g: x[5] };
        for _ in 0..3 {
            s.kick(0.05);
            s.drift(0.1);
            s.kick(0.05);
        }
        s.kinetic() + s.potential()
    }

    #[differentiable(second_order)]
    fn cholesky_logdet(x: &[f64; 6]) -> f64 {
        const N: usize = 3;
        let mut a = [[0.0; N]; N];
        let mut k = 0;
        for i in 0..N {
            for j in 0..=i {
                a[i][j] = x[k];
                a[j][i] = x[k];
                k += 1;
            }
        }
        let mut l = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..=i {
                let s: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
                l[i][j] = if i == j { (a[i][i] - s).sqrt() } else { (a[i][j] - s) / l[j][j] };
            }
        }
        2.0 * l.iter().enumerate().map(|(i, row)| row[i].ln()).sum::<f64>()
    }

    #[differentiable(second_order)]
    fn lu_det(x: &[f64; 9]) -> f64 {
        let mut m: Vec<Vec<f64>> = x.chunks(3).map(|r| r.to_vec()).collect();
        let n = m.len();
        let mut det = 1.0;
        for c in 0..n {
            let pivot = (c..n).max_by(|&i, &j| m[i][c].abs().partial_cmp(&m[j][c].abs()).unwrap()).unwrap();
            if m[pivot][c].abs() < 1e-12 {
                return 0.0;
            }
            if pivot != c {
                m.swap(pivot, c);
                det = -det;
            }
            det *= m[c][c];
            for r in c + 1..n {
                let factor = m[r][c] / m[c][c];
                for k in c..n {
                    let t = m[c][k];
                    m[r][k] -= factor * t;
                }
            }
        }
        det
    }

    #[differentiable(second_order)]
    fn power_iteration(x: &[f64; 4]) -> f64 {
        let a = [[x[0], x[1]], [x[2], x[3]]];
        let mut v = [1.0, 0.5];
        let mut lambda = 0.0;
        for _ in 0..4 {
            let w = [a[0][0] * v[0] + a[0][1] * v[1], a[1][0] * v[0] + a[1][1] * v[1]];
            let norm = w.iter().map(|t| t * t).sum::<f64>().sqrt();
            v = w.map(|t| t / norm);
            lambda = norm;
        }
        lambda
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Matrix {
        data: Vec<f64>,
        #[differentiable(skip)]
        rows: usize,
        #[differentiable(skip)]
        cols: usize,
    }
    impl Matrix {
        #[differentiable(wrt(data), associated, second_order)]
        fn from_vec(rows: usize, cols: usize, data: Vec<f64>) -> Matrix {
            assert_eq!(data.len(), rows * cols, "shape");
            Matrix { data, rows, cols }
        }
        #[differentiable(wrt(self), second_order)]
        fn get(&self, i: usize, j: usize) -> f64 {
            self.data[i * self.cols + j]
        }
        #[differentiable(wrt(self, v), second_order)]
        fn mul_vec(&self, v: &[f64]) -> Vec<f64> {
            (0..self.rows).map(|i| (0..self.cols).map(|j| self.get(i, j) * v[j]).sum()).collect()
        }
        #[differentiable(wrt(self), second_order)]
        fn transpose(&self) -> Matrix {
            let mut data = vec![0.0; self.data.len()];
            for i in 0..self.rows {
                for j in 0..self.cols {
                    data[j * self.rows + i] = self.data[i * self.cols + j];
                }
            }
            Matrix { data, rows: self.cols, cols: self.rows }
        }
        #[differentiable(wrt(self, other), second_order)]
        fn matmul(&self, other: &Matrix) -> Matrix {
            assert_eq!(self.cols, other.rows);
            let mut data = Vec::with_capacity(self.rows * other.cols);
            for i in 0..self.rows {
                for j in 0..other.cols {
                    let mut sum = 0.0;
                    for k in 0..self.cols {
                        sum += self.get(i, k) * other.get(k, j);
                    }
                    data.push(sum);
                }
            }
            Matrix::from_vec(self.rows, other.cols, data)
        }
        #[differentiable(wrt(self), second_order)]
        fn row(&self, i: usize) -> Vec<f64> {
            self.data[i * self.cols..(i + 1) * self.cols].to_vec()
        }
        #[differentiable(wrt(self), second_order)]
        fn frobenius(&self) -> f64 {
            self.data.iter().map(|v| v.powi(2)).sum::<f64>().sqrt()
        }
    }

    #[differentiable(second_order)]
    fn gram(x: &[f64; 6]) -> f64 {
        let m = Matrix::from_vec(2, 3, x.to_vec());
        let g = m.matmul(&m.transpose());
        let v = g.mul_vec(&[1.0, -0.5]);
        g.frobenius() + v[0] * v[1] + m.row(1).iter().sum::<f64>()
    }
    /// Runge-Kutta with a closure.

    #[differentiable(wrt(y), second_order)]
    fn rk4<const N: usize>(f: impl Fn(f64, [f64; N]) -> [f64; N], y: [f64; N], t: f64, h: f64) -> [f64; N] {
        let axpy = |a: [f64; N], k: f64, b: [f64; N]| -> [f64; N] { std::array::from_fn(|i| a[i] + k * b[i]) };
        let k1 = f(t, y);
        let k2 = f(t + h / 2.0, axpy(y, h / 2.0, k1));
        let k3 = f(t + h / 2.0, axpy(y, h / 2.0, k2));
        let k4 = f(t + h, axpy(y, h, k3));
        std::array::from_fn(|i| y[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
    }

    #[differentiable(second_order)]
    fn pendulum(x: &[f64; 3]) -> f64 {
        let g_over_l = x[2];
        let mut y = [x[0], x[1]];
        for step in 0..3 {
            y = rk4(|_t, s: [f64; 2]| [s[1], -g_over_l * s[0].sin()], y, step as f64 * 0.1, 0.1);
        }
        y[0] * y[0] + y[1]
    }

    #[differentiable(second_order)]
    fn ising_energy(x: &[f64; 9]) -> f64 {
        let idx = |i: usize, j: usize| (i % 3) * 3 + j % 3;
        let mut e = 0.0;
        for i in 0..3 {
            for j in 0..3 {
                let s = x[idx(i, j)];
                e -= s * (x[idx(i + 1, j)] + x[idx(i, j + 1)]) + 0.3 * s.tanh();
            }
        }
        e
    }

    #[differentiable(wrt(a), second_order)]
    fn horner<T: Real>(a: &[T], x: T) -> T {
        a.iter().rev().fold(T::ZERO, |acc, &c| acc * x + c)
    }

    #[differentiable(second_order)]
    fn gen_poly(x: &[f64; 4]) -> f64 {
        horner(x, 0.7).exp()
    }
    #[test]
    fn bodies_and_matrices() {
        agrees_twice!(nbody, 6, [0.5, 0.2, -0.6, 0.3, 1.2, 0.9]);
        agrees_twice!(cholesky_logdet, 6, [2.0, 0.3, 1.5, 0.1, -0.2, 1.8]);
        agrees_twice!(lu_det, 9, [2.0, 0.3, 1.5, 0.1, -0.2, 1.8, 4.0, 1.0, 0.3]);
        agrees_twice!(power_iteration, 4, [2.0, 0.3, 0.4, 1.1]);
        agrees_twice!(gram, 6, [2.0, 0.3, 0.4, 1.1, -0.7, 0.2]);
        agrees_twice!(pendulum, 3, [0.8, 0.3, 2.4]);
        agrees_twice!(ising_energy, 9, [2.0, 0.3, 1.5, 0.1, -0.2, 1.8, 4.0, 1.0, 0.3]);
        agrees_twice!(gen_poly, 4, [2.0, 0.3, 0.4, 1.1]);
    }
}

mod learning {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;

    #[derive(Clone, Debug, Differentiable)]
    struct Linear {
        w: Vec<Vec<f64>>,
        b: Vec<f64>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Activation {
        Relu,
        Tanh,
        Identity,
        Gelu,
    }
    impl Linear {
        #[differentiable(wrt(self, x), second_order)]
        fn forward(&self, x: &[f64]) -> Vec<f64> {
            self.w.iter().zip(&self.b).map(|(row, b)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + b).collect()
        }
    }

    #[differentiable(wrt(x), second_order)]
    fn activate(kind: Activation, x: f64) -> f64 {
        match kind {
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
            Activation::Identity => x,
            Activation::Gelu => 0.5 * x * (1.0 + (0.7978845608 * (x + 0.044715 * x.powi(3))).tanh()),
        }
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Mlp {
        layers: Vec<Linear>,
        #[differentiable(skip)]
        activations: Vec<Activation>,
    }
    impl Mlp {
        #[differentiable(wrt(self, x), second_order)]
        fn forward(&self, x: &[f64]) -> Vec<f64> {
            let mut h = x.to_vec();
            for (i, layer) in self.layers.iter().enumerate() {
                h = layer.forward(&h);
                let kind = if i == 0 { Activation::Tanh } else { Activation::Gelu };
                for v in h.iter_mut() {
                    *v = activate(kind, *v);
                }
            }
            h
        }
    }

    #[differentiable(second_order)]
    fn softmax_cross_entropy(logits: &[f64], label: usize) -> f64 {
        let max = logits.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        let lse = logits.iter().map(|l| (l - max).exp()).sum::<f64>().ln() + max;
        lse - logits[label]
    }

    #[differentiable(second_order)]
    fn mlp(p: &[f64; 8]) -> f64 {
        let l1 = Linear { w: vec![vec![p[0], p[1]], vec![p[2], p[3]]], b: vec![p[4], p[5]] };
        let l2 = Linear { w: vec![vec![p[6], p[7]], vec![0.3, -0.2]], b: vec![0.1, 0.0] };
        let net = Mlp { layers: vec![l1, l2], activations: vec![Activation::Tanh, Activation::Gelu] };
        let data = [([0.5, -1.0], 0usize), ([1.5, 0.3], 1)];
        let mut loss = 0.0;
        for (x, y) in data.iter() {
            let out = net.forward(x);
            loss += softmax_cross_entropy(&out, *y);
        }
        loss / data.len() as f64
    }

    #[differentiable(second_order)]
    fn layer_norm(x: &[f64; 6]) -> f64 {
        let (v, gain) = x.split_at(4);
        let mean = v.iter().sum::<f64>() / v.len() as f64;
        let var = v.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / v.len() as f64;
        let out: Vec<f64> = v.iter().enumerate().map(|(i, a)| gain[i % 2] * (a - mean) / (var + 1e-5).sqrt()).collect();
        out.iter().map(|o| o.powi(3)).sum()
    }

    #[differentiable(second_order)]
    fn attention(x: &[f64; 8]) -> f64 {
        const D: usize = 2;
        let q: [[f64; D]; 2] = [[x[0], x[1]], [x[2], x[3]]];
        let k = [[x[4], x[5]], [x[6], x[7]]];
        let v = [[1.0, 0.2], [-0.5, 0.7]];
        let mut out = [[0.0; D]; 2];
        for i in 0..2 {
            let mut scores = [0.0; 2];
            for (j, score) in scores.iter_mut().enumerate() {
                *score = q[i].iter().zip(&k[j]).map(|(a, b)| a * b).sum::<f64>() / (D as f64).sqrt();
            }
            let m = scores.iter().copied().reduce(f64::max).unwrap();
            let e = scores.map(|s| (s - m).exp());
            let z: f64 = e.iter().sum();
            for j in 0..2 {
                for d in 0..D {
                    out[i][d] += e[j] / z * v[j][d];
                }
            }
        }
        out.iter().flatten().map(|o| o * o).sum()
    }

    #[differentiable(second_order)]
    fn huber(r: f64, delta: f64) -> f64 {
        if r.abs() <= delta { 0.5 * r * r } else { delta * (r.abs() - 0.5 * delta) }
    }

    #[differentiable(second_order)]
    fn robust(p: &[f64; 3]) -> f64 {
        let data: [(f64, f64); 4] = [(0.0, 1.0), (1.0, 2.2), (2.0, 2.9), (3.0, 9.0)];
        let l: f64 = data.iter().map(|&(x, y)| huber(p[0] * x + p[1] - y, p[2])).sum();
        l / data.len() as f64
    }

    #[differentiable(second_order)]
    fn conv1d(p: &[f64; 5]) -> f64 {
        let (kernel, bias) = (&p[..3], p[3]);
        let signal = [0.1, 0.4, -0.3, 0.8, 0.2, 0.5];
        let conv: Vec<f64> =
            signal.windows(kernel.len()).map(|w| w.iter().zip(kernel.iter()).map(|(s, k)| s * k).sum::<f64>() + bias).collect();
        let pooled: Vec<f64> = conv.chunks(2).map(|c| c.iter().cloned().fold(f64::MIN, f64::max)).collect();
        pooled.iter().map(|v| Real::sigmoid(*v * p[4])).sum()
    }

    #[differentiable(second_order)]
    fn gp_marginal(t: &[f64; 3]) -> f64 {
        let (len, sf, sn) = (t[0].exp(), t[1].exp(), t[2].exp());
        let xs = [0.0, 0.5, 1.3];
        let ys = [0.2, -0.1, 0.6];
        let n = xs.len();
        let mut k = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..n {
                let d: f64 = xs[i] - xs[j];
                k[i][j] = sf * sf * (-0.5 * (d / len).powi(2)).exp() + if i == j { sn * sn } else { 0.0 };
            }
        }
        for j in 0..n {
            for c in 0..j {
                let f = k[j][c];
                for i in j..n {
                    k[i][j] = k[i][j] - k[i][c] * f;
                }
            }
            let piv = k[j][j].sqrt();
            for i in j..n {
                k[i][j] /= piv;
            }
        }
        let mut alpha = ys.to_vec();
        for i in 0..n {
            for c in 0..i {
                alpha[i] -= k[i][c] * alpha[c];
            }
            alpha[i] /= k[i][i];
        }
        0.5 * alpha.iter().map(|a| a * a).sum::<f64>() + (0..n).map(|i| k[i][i].ln()).sum::<f64>()
    }

    #[test]
    fn networks_and_kernels() {
        agrees_twice!(mlp, 8, [0.5, 0.2, -0.6, 0.3, 1.2, 0.9, 0.1, -0.4]);
        agrees_twice!(layer_norm, 6, [0.5, 0.2, -0.6, 0.3, 1.2, 0.9]);
        agrees_twice!(attention, 8, [0.5, 0.2, -0.6, 0.3, 1.2, 0.9, 0.1, -0.4]);
        agrees_twice!(robust, 3, [0.5, 0.2, 0.6]);
        agrees_twice!(conv1d, 5, [0.5, 0.2, 0.6, -0.1, 0.8]);
        agrees_twice!(gp_marginal, 3, [0.1, 0.2, -0.6]);
    }
}

mod programs {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;
    use std::collections::HashMap;

    #[derive(Debug, Clone, Default)]
    struct Config {
        tol: Option<f64>,
        max_iter: usize,
        names: Vec<String>,
        scale: HashMap<String, f64>,
    }

    #[differentiable(wrt(x), second_order)]
    fn named(x: &[f64], config: &Config) -> f64 {
        let mut total = 0.0;
        for (name, value) in config.names.iter().zip(x) {
            let Some(&scale) = config.scale.get(name.as_str()) else { continue };
            total += match name.as_str() {
                "log" => value.ln() * scale,
                n if n.starts_with("sq") => value * value * scale,
                _ => *value,
            };
        }
        total
    }

    #[differentiable(second_order)]
    fn named2(x: &[f64; 3]) -> f64 {
        let config = Config {
            names: ["log", "square", "other"].map(String::from).to_vec(),
            scale: HashMap::from([("log".to_string(), 2.0), ("square".to_string(), 0.5)]),
            ..Default::default()
        };
        named(x, &config).powi(2)
    }
    trait Kernel {
        fn ls(&self) -> f64;
        fn order(&self) -> i32 {
            2
        }
    }
    struct Rbf {
        ls: f64,
    }
    impl Kernel for Rbf {
        fn ls(&self) -> f64 {
            self.ls
        }
    }

    #[differentiable(wrt(x), second_order)]
    fn kernel_sum<K: Kernel + ?Sized>(kernel: &K, x: &[f64]) -> f64 {
        let ls = kernel.ls();
        let mut s = 0.0;
        for i in 0..x.len() {
            for j in 0..i {
                s += (-((x[i] - x[j]) / ls).powi(kernel.order())).exp();
            }
        }
        s
    }

    #[differentiable(second_order)]
    fn kernels(x: &[f64; 3]) -> f64 {
        let k: Box<dyn Kernel> = Box::new(Rbf { ls: 0.7 });
        kernel_sum(&Rbf { ls: 1.3 }, x) + kernel_sum(k.as_ref(), x)
    }

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Phase {
        Boost,
        Coast,
        Done,
    }

    #[differentiable(second_order)]
    fn rocket(p: &[f64; 3]) -> f64 {
        let [thrust, burn_rate, drag] = *p;
        let (mut h, mut v, mut m) = (0.0_f64, 0.0_f64, 1.0_f64);
        let mut phase = Phase::Boost;
        let mut steps = 0;
        while phase != Phase::Done {
            let a = match phase {
                Phase::Boost => {
                    m -= burn_rate * 0.1;
                    thrust / m - 9.81
                }
                Phase::Coast => -9.81,
                Phase::Done => unreachable!(),
            } - drag * v * v.abs() / m;
            v += 0.1 * a;
            h += 0.1 * v;
            steps += 1;
            phase = match (phase, steps) {
                (Phase::Boost, n) if n >= 5 => Phase::Coast,
                (Phase::Coast, _) if v <= 0.0 || steps > 40 => Phase::Done,
                (other, _) => other,
            };
        }
        h
    }

    #[differentiable(second_order)]
    fn bisect(x: &[f64; 2]) -> f64 {
        let f = |t: f64| t * t * t + x[0] * t - x[1];
        let (mut lo, mut hi) = (0.0, 2.0);
        while hi - lo > 1e-3 {
            let mid = 0.5 * (lo + hi);
            if f(mid) > 0.0 {
                hi = mid;
            } else {
                lo = mid;
            }
        }
        let mut t: f64 = 0.5 * (lo + hi);
        for _ in 0..6 {
            t -= f(t) / (3.0 * t * t + x[0]);
        }
        t
    }

    #[differentiable(second_order)]
    fn grouped(x: &[f64; 6]) -> f64 {
        let labels = ["a", "b", "a", "c", "b", "a"];
        let mut index: HashMap<&str, usize> = HashMap::new();
        let mut sums: Vec<f64> = Vec::new();
        let mut counts: Vec<usize> = Vec::new();
        for (label, v) in labels.iter().zip(x) {
            let next = index.len();
            let k = *index.entry(label).or_insert(next);
            if k == sums.len() {
                sums.push(0.0);
                counts.push(0);
            }
            sums[k] += v * v;
            counts[k] += 1;
        }
        sums.iter().zip(&counts).map(|(s, &c)| (s / c as f64).sqrt()).sum()
    }

    #[differentiable(second_order)]
    fn slice_recursion(x: &[f64]) -> f64 {
        match x {
            [] => 0.0,
            [only] => only * only,
            [first, rest @ ..] => first * slice_recursion(rest) + first,
        }
    }

    #[differentiable(second_order)]
    fn slices(x: &[f64; 4]) -> f64 {
        slice_recursion(x)
    }

    #[differentiable(second_order)]
    fn logsum(x: &[f64; 3]) -> f64 {
        let m = x.iter().fold(f64::NEG_INFINITY, |m, &v| m.max(v));
        m + x.iter().map(|v| (v - m).exp()).sum::<f64>().ln()
    }

    #[differentiable(second_order)]
    fn rolling(x: &[f64; 6]) -> f64 {
        let mut window = std::collections::VecDeque::new();
        let mut out = 0.0;
        for i in 0..6usize {
            window.push_back(i);
            if window.len() > 3 {
                window.pop_front();
            }
            let mean = window.iter().map(|&k| x[k]).sum::<f64>() / window.len() as f64;
            out += (x[i] - mean).powi(2);
        }
        out
    }

    #[differentiable(second_order)]
    fn cum(x: &[f64; 5]) -> f64 {
        let cumulative: Vec<f64> = x
            .iter()
            .scan(0.0, |acc, &v| {
                *acc += v;
                Some(*acc)
            })
            .collect();
        let mut drawdown = 0.0_f64;
        let mut peak = f64::MIN;
        for &c in &cumulative {
            peak = peak.max(c);
            drawdown = drawdown.max(peak - c);
        }
        drawdown * drawdown + cumulative.last().copied().unwrap_or_default()
    }

    #[differentiable(second_order)]
    fn strided(x: &[f64; 8]) -> f64 {
        let (even, odd): (Vec<f64>, Vec<f64>) = x.chunks_exact(2).map(|p| (p[0], p[1])).unzip();
        let tw: f64 = even.iter().rev().zip(odd.iter().step_by(2)).map(|(a, b)| a * b).sum();
        let any = x.iter().any(|v| *v < -100.0);
        let all = x.iter().all(|v| v.is_finite());
        if any || !all { f64::NAN } else { tw * tw }
    }
    #[test]
    fn configurations_and_state() {
        agrees_twice!(named2, 3, [0.5, 2.2, 1.0]);
        agrees_twice!(kernels, 3, [0.5, 2.2, 1.0]);
        agrees_twice!(rocket, 3, [20.0, 0.3, 0.05]);
        agrees_twice!(bisect, 2, [0.5, 2.2]);
        agrees_twice!(grouped, 6, [0.5, 2.2, -1.0, 0.3, 0.9, 1.1]);
        agrees_twice!(slices, 4, [0.5, 2.2, -1.0, 0.3]);
        agrees_twice!(logsum, 3, [0.5, 2.2, 1.0]);
        agrees_twice!(rolling, 6, [0.5, 2.2, -1.0, 0.3, 0.9, 1.1]);
        agrees_twice!(cum, 5, [0.5, 2.2, -1.0, 0.3, -0.9]);
        agrees_twice!(strided, 8, [0.5, 2.2, -1.0, 0.3, 0.9, 1.1, 0.4, 0.2]);
    }
}

mod models {
    use differentiable::prelude::*;
    use differentiable_tests::agrees_twice;

    #[derive(Clone, Copy, Debug, Differentiable)]
    struct Meters(f64);

    #[derive(Clone, Copy, Debug, Differentiable)]
    struct Complex<T> {
        re: T,
        im: T,
    }
    impl<T: Real> Complex<T> {
        #[differentiable(wrt(self, o), second_order)]
        fn mul(self, o: Complex<T>) -> Complex<T> {
            Complex { re: self.re * o.re - self.im * o.im, im: self.re * o.im + self.im * o.re }
        }
        #[differentiable(wrt(self, o), second_order)]
        fn add(self, o: Complex<T>) -> Complex<T> {
            Complex { re: self.re + o.re, im: self.im + o.im }
        }
        #[differentiable(wrt(self), second_order)]
        fn norm_sqr(&self) -> T {
            self.re * self.re + self.im * self.im
        }
        #[differentiable(wrt(self), second_order)]
        fn exp(self) -> Complex<T> {
            let r = self.re.exp();
            Complex { re: r * self.im.cos(), im: r * self.im.sin() }
        }
        #[differentiable(wrt(self), second_order)]
        fn abs(self) -> T {
            self.re.hypot(self.im)
        }
        #[differentiable(wrt(self), second_order)]
        fn powi(self, n: i32) -> Complex<T> {
            let mut r = Complex { re: T::ONE, im: T::ZERO };
            for _ in 0..n {
                r = r.mul(self);
            }
            r
        }
    }

    #[differentiable(second_order)]
    fn mandel(p: &[f64; 2]) -> f64 {
        let c = Complex { re: p[0], im: p[1] };
        let mut z = Complex { re: 0.0, im: 0.0 };
        for _ in 0..4 {
            z = z.mul(z).add(c);
            if z.norm_sqr() > 4.0 {
                break;
            }
        }
        z.norm_sqr().ln()
    }

    #[differentiable(second_order)]
    fn transfer(p: &[f64; 4]) -> f64 {
        // frequency response of a polynomial
        let w: f64 = 0.4;
        let z = Complex { re: w.cos(), im: -w.sin() };
        let mut h = Complex { re: 0.0, im: 0.0 };
        for &b in p.iter().rev() {
            h = h.mul(z).add(Complex { re: b, im: 0.0 });
        }
        20.0 * h.abs().log10()
    }

    #[differentiable(second_order)]
    fn meters(x: &[f64; 2]) -> f64 {
        let a = Meters(x[0]);
        let Meters(b) = Meters(x[1] * a.0);
        b * a.0
    }

    #[derive(Clone, Debug, Differentiable)]
    struct Camera {
        f: f64,
        c: [f64; 2],
        k: [f64; 2],
    }
    impl Camera {
        #[differentiable(wrt(self, p), second_order)]
        fn project(&self, p: &[f64; 3]) -> [f64; 2] {
            let [x, y, z] = *p;
            let (u, v) = (x / z, y / z);
            let r2 = u * u + v * v;
            let d = 1.0 + r2 * (self.k[0] + self.k[1] * r2);
            [self.f * d * u + self.c[0], self.f * d * v + self.c[1]]
        }
    }
    struct Observation {
        point: usize,
        pixel: [f64; 2],
    }

    #[differentiable(wrt(camera, points), second_order)]
    fn reprojection(camera: &Camera, points: &[[f64; 3]], observations: &[Observation]) -> f64 {
        observations
            .iter()
            .map(|Observation { point, pixel }| {
                let [u, v] = camera.project(&points[*point]);
                let (du, dv) = (u - pixel[0], v - pixel[1]);
                (1.0 + du * du + dv * dv).ln()
            })
            .sum()
    }

    #[differentiable(second_order)]
    fn bundle(x: &[f64; 11]) -> f64 {
        let camera = Camera { f: x[0], c: [x[1], x[2]], k: [x[3], x[4]] };
        let points: Vec<[f64; 3]> = x[5..].chunks_exact(3).map(|c| [c[0], c[1], c[2] + 3.0]).collect();
        let observations = [
            Observation { point: 0, pixel: [0.1, 0.2] },
            Observation { point: 1, pixel: [-0.3, 0.1] },
            Observation { point: 0, pixel: [0.15, 0.1] },
        ];
        reprojection(&camera, &points, &observations)
    }

    #[differentiable(wrt(x), second_order)]
    fn checked(x: &[f64], limits: &Result<(f64, f64), String>) -> f64 {
        let (lo, hi) = match limits {
            Ok((lo, hi)) => (*lo, *hi),
            Err(message) => panic!("no limits: {message}"),
        };
        x.iter().map(|v| v.clamp(lo, hi).powi(2)).sum()
    }

    #[differentiable(second_order)]
    fn checked2(x: &[f64; 3]) -> f64 {
        checked(x, &Ok((0.0, 1.0)))
    }

    #[differentiable(wrt(x), second_order)]
    fn parsed(x: f64, text: &str) -> f64 {
        let coefficients: Vec<f64> = text.split(',').filter_map(|s| s.trim().parse().ok()).collect();
        coefficients.iter().rev().fold(0.0, |acc, c| acc * x + c)
    }

    #[differentiable(second_order)]
    fn parsed2(x: &[f64; 1]) -> f64 {
        parsed(x[0], "1.0, 2, -0.5").exp()
    }

    #[differentiable(second_order)]
    fn simplex(x: &[f64; 3]) -> f64 {
        // stick breaking
        let mut remaining = 1.0;
        let mut out = [0.0; 4];
        for (i, v) in x.iter().enumerate() {
            let z = 1.0 / (1.0 + (-(v - ((3 - i) as f64).ln())).exp());
            out[i] = remaining * z;
            remaining -= out[i];
        }
        out[3] = remaining;
        -out.iter().map(|p| p * p.ln()).sum::<f64>()
    }

    #[differentiable(second_order)]
    fn hmm(x: &[f64; 4]) -> f64 {
        let sig = |v: f64| 1.0 / (1.0 + (-v).exp());
        let (p, q) = (sig(x[0]), sig(x[1]));
        let trans = [[p, 1.0 - p], [1.0 - q, q]];
        let emit = |s: usize, o: f64| -> f64 {
            let mu = if s == 0 { x[2] } else { x[3] };
            (-0.5 * (o - mu).powi(2)).exp()
        };
        let obs = [0.1, 1.2, 0.9, -0.3];
        let mut alpha = [0.5 * emit(0, obs[0]), 0.5 * emit(1, obs[0])];
        let mut ll = 0.0;
        for &o in &obs[1..] {
            let s: f64 = alpha.iter().sum();
            ll += s.ln();
            let prev = alpha.map(|a| a / s);
            for j in 0..2 {
                alpha[j] = emit(j, o) * (0..2).map(|i| prev[i] * trans[i][j]).sum::<f64>();
            }
        }
        ll + alpha.iter().sum::<f64>().ln()
    }

    #[differentiable(second_order)]
    fn dtw(x: &[f64; 4]) -> f64 {
        let y = [0.2, 0.9, 0.4];
        let (n, m) = (x.len(), y.len());
        let mut d = vec![vec![f64::INFINITY; m + 1]; n + 1];
        d[0][0] = 0.0;
        for i in 1..=n {
            for j in 1..=m {
                let cost = (x[i - 1] - y[j - 1]).powi(2);
                d[i][j] = cost + d[i - 1][j].min(d[i][j - 1]).min(d[i - 1][j - 1]);
            }
        }
        d[n][m].sqrt()
    }

    #[differentiable(second_order)]
    fn levinson(r: &[f64; 4]) -> f64 {
        let mut a = vec![1.0];
        let mut e = r[0];
        for k in 1..r.len() {
            let acc: f64 = a.iter().zip(r[1..=k].iter().rev()).map(|(a, r)| a * r).sum();
            let lambda = -acc / e;
            let mut next = a.clone();
            next.push(0.0);
            for i in 0..=k {
                next[i] += lambda * if k - i < a.len() { a[k - i] } else { 0.0 };
            }
            a = next;
            e *= 1.0 - lambda * lambda;
        }
        e.ln() + a[1]
    }

    #[differentiable(second_order)]
    fn garch(p: &[f64; 3]) -> f64 {
        let returns = [0.01, -0.02, 0.015, 0.03, -0.01];
        let &[omega, alpha, beta] = p;
        let mut h = omega / (1.0 - alpha - beta);
        let mut ll = 0.0;
        for r in returns {
            ll += 0.5 * (h.ln() + r * r / h);
            h = omega + alpha * r * r + beta * h;
        }
        ll
    }
    #[test]
    fn cameras_and_series() {
        agrees_twice!(mandel, 2, [0.3, 0.2]);
        agrees_twice!(transfer, 4, [0.3, 0.2, 0.7, -0.1]);
        agrees_twice!(meters, 2, [0.3, 0.2]);
        agrees_twice!(bundle, 11, [1.0, 0.1, 0.2, 0.05, 0.01, 0.3, 0.2, 0.1, -0.4, 0.1, 0.5]);
        agrees_twice!(checked2, 3, [0.3, 0.2, 1.4]);
        agrees_twice!(parsed2, 1, [0.3]);
        agrees_twice!(simplex, 3, [0.3, 0.2, -0.4]);
        agrees_twice!(hmm, 4, [0.3, 0.2, 0.1, 1.0]);
        agrees_twice!(dtw, 4, [0.3, 0.2, 0.7, -0.1]);
        agrees_twice!(levinson, 4, [2.3, 0.2, 0.7, -0.1]);
        agrees_twice!(garch, 3, [0.01, 0.2, 0.5]);
    }
}
