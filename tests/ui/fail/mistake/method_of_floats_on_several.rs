use differentiable::prelude::*;

#[differentiable]
fn array(x: [f64; 2]) -> f64 {
    x.exp()
}

#[differentiable]
fn slice(x: &[f64]) -> f64 {
    x.tanh()
}

#[differentiable]
fn shared(x: &[f64; 2]) -> f64 {
    x.sin()
}

#[differentiable(wrt(x))]
fn vector(x: Vec<f64>) -> f64 {
    x.ln()
}

#[differentiable]
fn element(x: [[f64; 2]; 3]) -> f64 {
    x[0].cos()
}

#[differentiable]
fn tuple(x: (f64, f64)) -> f64 {
    x.hypot(1.0)
}

fn main() {}
