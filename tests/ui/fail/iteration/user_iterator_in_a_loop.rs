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
    let mut y = 0.0;
    for v in Halves(x) {
        y += v;
        if y > 1.0 {
            break;
        }
    }
    y
}

fn main() {}
