use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct P {
    k: f64,
    c: f64,
}

#[differentiable]
fn f(x: f64) -> f64 {
    let p = P { k: x };
    p.k * p.c
}

fn main() {}
