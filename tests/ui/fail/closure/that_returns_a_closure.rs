use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let g = |a: f64| move |b: f64| a * b;
    g(x)(x)
}

fn main() {}
