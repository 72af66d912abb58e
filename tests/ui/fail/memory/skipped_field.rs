use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct P {
    x: f64,
    #[differentiable(skip)]
    scale: f64,
}

#[differentiable]
fn f(x: f64) -> f64 {
    let p = P { x: 1.0, scale: x };
    p.x * p.scale
}

fn main() {}
