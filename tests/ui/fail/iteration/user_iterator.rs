use differentiable::prelude::*;

struct Halves(f64);

impl Iterator for Halves {
    type Item = f64;
    fn next(&mut self) -> Option<f64> {
        self.0 *= 0.5;
        Some(self.0)
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    Halves(x).take(3).sum()
}

fn main() {}
