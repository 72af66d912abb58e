use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let b: Option<Vec<f64>> = x.iter().map(|v| Some(v * v)).collect();
    b.unwrap()[0]
}

fn main() {}
