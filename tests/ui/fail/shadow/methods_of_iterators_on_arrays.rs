use differentiable::prelude::*;

trait Statistics {
    fn sum(&self) -> f64;
    fn fold(&self, init: f64, f: fn(f64, f64) -> f64) -> f64;
    fn zip(self, other: [f64; 3]) -> Vec<(f64, f64)>;
    fn enumerate(&self) -> Vec<(usize, f64)>;
    fn map(&self, f: fn(f64) -> f64) -> [f64; 3];
}

impl Statistics for [f64; 3] {
    fn sum(&self) -> f64 {
        2.0 * self[0]
    }
    fn fold(&self, init: f64, f: fn(f64, f64) -> f64) -> f64 {
        f(init, self[1])
    }
    fn zip(self, other: [f64; 3]) -> Vec<(f64, f64)> {
        vec![(self[0], other[1])]
    }
    fn enumerate(&self) -> Vec<(usize, f64)> {
        vec![(1, self[2])]
    }
    fn map(&self, f: fn(f64) -> f64) -> [f64; 3] {
        [f(self[0]), self[1], self[2]]
    }
}

trait Total {
    fn product(&self) -> f64;
}

impl Total for [f64] {
    fn product(&self) -> f64 {
        self[0]
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    let mut s = x.sum() * x.fold(1.0, |a, b| a * b) * x.map(|x| x * x)[1];
    for (a, b) in x.zip(*x) {
        s += a * b;
    }
    for (i, a) in x.enumerate() {
        s += a * i as f64;
    }
    s
}

#[differentiable]
fn of_a_slice(x: &[f64]) -> f64 {
    x.product() * x[0]
}

#[differentiable(wrt(x))]
fn inactive(x: &[f64; 3], w: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for (i, w) in w.enumerate() {
        s += w * x[i];
    }
    s
}

fn main() {}
