use differentiable::differentiable;

mod f32 {
    pub fn exp(x: f64) -> f64 {
        2.0 * x
    }
    pub fn max(x: f64, y: f64) -> f64 {
        x + y
    }
}

#[allow(non_snake_case)]
mod Real {
    pub fn exp(x: f64) -> f64 {
        2.0 * x
    }
    pub fn relu(x: f64) -> f64 {
        2.0 * x
    }
}

mod iter {
    pub fn zip<'a>(a: &'a [f64; 2], b: &'a [f64; 2]) -> impl Iterator<Item = (&'a f64, &'a f64)> {
        a[1..].iter().zip(b)
    }
}

struct Vec;

impl Vec {
    fn from(x: [f64; 2]) -> std::vec::Vec<f64> {
        vec![2.0 * x[0], x[1]]
    }
}

#[differentiable]
fn maths(x: &[f64; 2]) -> f64 {
    f32::exp(x[0]) * Real::exp(x[1])
}

#[differentiable]
fn by_their_names(x: &[f64; 2]) -> f64 {
    x.iter().copied().map(Real::relu).fold(0.0, f32::max)
}

#[differentiable]
fn zipped(x: &[f64; 2]) -> f64 {
    let mut s = 0.0;
    for (a, b) in iter::zip(x, x) {
        s += a * b;
    }
    s
}

#[differentiable]
fn vector(x: &[f64; 2]) -> f64 {
    let v = Vec::from(*x);
    v[0] * v[1]
}

fn main() {}
