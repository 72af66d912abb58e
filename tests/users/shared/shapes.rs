//! One function of every shape.

use differentiable::prelude::*;

/// A layer.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Layer {
    /// The weights.
    pub w: [[f64; 2]; 3],
    /// The biases.
    pub b: [f64; 3],
    /// How often it was trained.
    #[differentiable(skip)]
    pub age: usize,
}

/// A generic pair.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Pair<T: Real> {
    /// The first.
    pub a: T,
    /// The second.
    pub b: [T; 2],
}

impl Layer {
    /// The sum of the squares.
    #[must_use]
    #[differentiable(wrt(self), second_order)]
    pub fn energy(&self) -> f64 {
        let mut sum = 0.0;
        for row in &self.w {
            for w in row {
                sum += w * w;
            }
        }
        sum + self.b.iter().map(|b| b * b * b).sum::<f64>()
    }

    /// The sum of the weights' sines, called.
    #[must_use]
    #[differentiable(wrt(self, x))]
    pub fn waves(&self, x: f64) -> f64 {
        self.w[0][0] * sine(x) + self.energy()
    }
}

impl<T: Real> Pair<T> {
    /// A product.
    #[must_use]
    #[differentiable(wrt(self))]
    pub fn product(&self) -> T {
        self.a * self.b[0] * self.b[1]
    }
}

/// A sine.
#[must_use]
#[differentiable]
pub fn sine(x: f64) -> f64 {
    x.sin()
}

/// A scalar function with a branch and a loop.
#[must_use]
#[differentiable(second_order)]
pub fn branches(x: f64, n: usize) -> f64 {
    let mut y = x;
    for i in 0..n {
        if y > 1.0 && i % 2 == 0 {
            y /= 2.0;
        } else {
            y = y * y + 0.5;
        }
    }
    y
}

/// A generic function.
#[must_use]
#[differentiable]
pub fn generic<T: Real>(x: T, y: &[T; 3]) -> T {
    let z = 2.0 * x + y.iter().copied().sum::<T>();
    (1.0 + z.exp()).ln()
}

/// A function of slices, returning early.
#[must_use]
#[differentiable(wrt(x))]
pub fn slices(x: &[f64], y: &[f64]) -> f64 {
    if x.is_empty() {
        return 0.0;
    }
    let mut total = 0.0;
    for (a, b) in x.iter().zip(y) {
        if *b < 0.0 {
            break;
        }
        total += (a - b) * (a - b);
    }
    total.sqrt()
}

/// The length of a vector.
#[must_use]
#[differentiable(second_order)]
pub fn length(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// A call that gives the same in each iteration.
#[must_use]
#[differentiable(second_order)]
pub fn directions(x: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for v in x {
        total += v / length(x);
        for _ in 0..n {
            total += 0.5 * length(&x[..n]);
        }
    }
    total
}

/// A function that changes what it is given.
#[differentiable]
pub fn relax(x: &mut [f64; 4], rate: f64) {
    for i in 1..4 {
        x[i] += rate * (x[i - 1] - x[i]) * x[i];
    }
}

/// A function of several results.
#[must_use]
#[differentiable]
pub fn polar(x: f64, y: f64) -> (f64, f64) {
    (x.hypot(y), y.atan2(x))
}

/// A function with arrays in and out.
#[must_use]
#[differentiable]
pub fn rotate(x: &[f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [cos * x[0] - sin * x[1], sin * x[0] + cos * x[1]]
}

/// A recursive function.
#[must_use]
#[differentiable]
pub fn power(x: f64, n: u32) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

/// A function of a function.
#[must_use]
#[differentiable(wrt(a))]
pub fn twice(f: impl Fn(f64) -> f64, a: f64) -> f64 {
    f(f(a))
}

/// A caller of it.
#[must_use]
#[differentiable]
pub fn squares(a: f64, k: f64) -> f64 {
    twice(|x| x * x * k, a)
}

/// A rule of one's own.
#[must_use]
#[differentiable(partials(x = if x > 0.0 { 1.0 } else { value }))]
pub fn elu(x: f64) -> f64 {
    if x > 0.0 { x } else { x.exp_m1() }
}

/// The loss of a layer.
#[must_use]
#[differentiable(wrt(layer), relaxed)]
pub fn loss(layer: &Layer, x: &[f64; 2], label: usize) -> f64 {
    let z: [f64; 3] = core::array::from_fn(|k| layer.b[k] + layer.w[k][0] * x[0] + layer.w[k][1] * x[1]);
    logsumexp(&z) - z[label]
}

/// A loss by matches and options.
#[must_use]
#[differentiable]
pub fn matched(x: f64, kind: Option<u8>) -> f64 {
    match kind {
        Some(0) => x,
        Some(k @ 1..=3) => x * f64::from(k) * x,
        Some(_) | None => x.tanh(),
    }
}

/// Copied code, of which not every derivative needs all.
///
/// # Panics
///
/// If a name is long.
#[must_use]
#[differentiable]
pub fn copied(x: f64, rows: &[[f64; 2]], names: &[&str]) -> f64 {
    use core::f64::consts::PI;
    fn longest(names: &[&str]) -> usize {
        names.iter().map(|name| name.len()).max().unwrap_or(0)
    }
    let (mut count, mut last) = (0, 0);
    let length = longest(names);
    for (index, name) in names.iter().enumerate() {
        if (index + name.len()) % 2 == 0 && !name.is_empty() {
            count += 1;
            last = index;
        }
    }
    assert!(last <= names.len() && length < 100, "{count} of {}", names.len());
    let shown = format!("{x}, {count}");
    assert!(!shown.is_empty());
    for (index, row) in rows.iter().enumerate() {
        let mut left = index + row.len();
        while left > 5 {
            count += 1;
            left -= 1;
        }
    }
    let turn = |angle: f64| angle.cos();
    let turned = turn(x * PI);
    let first = rows.iter().find(|row| (row[0] > 0.5) != (count > 7));
    let scale = { if count > 1 { 2.0 } else { 1.0 } };
    first.map_or(turned, |row| row[1] * turned) * scale
}

/// A vector of which derivatives read elements alone.
#[must_use]
#[differentiable(wrt(x))]
pub fn weighted(x: f64, weights: &Vec<f64>) -> f64 {
    let all: &Vec<f64> = weights;
    let mut sum = x;
    for weight in all {
        sum += weight * x;
    }
    sum
}
