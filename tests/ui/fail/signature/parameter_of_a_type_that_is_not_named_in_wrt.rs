use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct P {
    x: f64,
}

#[differentiable]
fn f(p: &P) -> f64 {
    p.x * p.x
}

fn main() {}
