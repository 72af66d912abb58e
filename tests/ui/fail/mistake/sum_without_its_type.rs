use differentiable::prelude::*;

#[differentiable]
fn f(x: [f64; 3]) -> f64 {
    x.iter().map(|x| x * x).sum() * 2.0
}

fn main() {}
