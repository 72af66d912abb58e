use differentiable::prelude::*;

#[differentiable(wrt(x, text))]
fn f(x: f64, text: &str) -> f64 {
    x * text.len() as f64
}

fn main() {}
