use differentiable::prelude::*;

trait Twice {
    fn clone(self) -> Self;
    fn to_owned(self) -> Self;
}

impl Twice for f64 {
    fn clone(self) -> f64 {
        2.0 * self
    }
    fn to_owned(self) -> f64 {
        2.0 * self
    }
}

impl Twice for [f64; 2] {
    fn clone(self) -> [f64; 2] {
        [self[1]; 2]
    }
    fn to_owned(self) -> [f64; 2] {
        [self[1]; 2]
    }
}

#[differentiable]
fn f(x: &[f64; 2]) -> f64 {
    let (a, b) = (*x, x[0]);
    a.clone()[0] * b.clone() * b.to_owned()
}

fn main() {}
