use differentiable::prelude::*;
fn apply(f: impl Fn(f64) -> f64) -> f64 {
    f(1.0)
}

#[differentiable]
fn f(x: f64) -> f64 {
    apply(|t| t * x)
}

fn main() {}
