use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    x.split(|v| *v < 0.0).map(|p| p.iter().product::<f64>()).sum()
}

fn main() {}
