use differentiable::prelude::*;

struct P {
    x: f64,
}

#[differentiable]
fn f(x: f64) -> f64 {
    let p = P { x };
    p.x * 2.0
}

fn main() {}
