use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct P {
    y: f64,
}

#[differentiable(wrt(x))]
fn f(x: f64, p: &mut P) -> f64 {
    p.y = x;
    x
}

fn main() {}
