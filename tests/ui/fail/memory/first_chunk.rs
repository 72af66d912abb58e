use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let [a, b] = x.first_chunk::<2>().unwrap();
    a * b
}

fn main() {}
