use differentiable::prelude::*;

fn apply(g: impl Fn(f64) -> f64) -> f64 {
    g(2.0)
}

#[differentiable]
fn f(x: f64) -> f64 {
    let g = |y: f64| y * x;
    apply(g)
}

fn main() {}
