use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct P {
    x: f64,
    #[differentiable(skip)]
    scale: f64,
}

#[differentiable(wrt(p, x))]
fn f(p: &P, x: f64) -> f64 {
    let mut q = p.clone();
    q.scale = x;
    q.x * q.scale
}

fn main() {}
