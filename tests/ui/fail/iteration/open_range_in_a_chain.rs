use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    (0..).map(|i| x * f64::from(i)).take(3).sum()
}

fn main() {}
