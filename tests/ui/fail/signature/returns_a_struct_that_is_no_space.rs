use differentiable::prelude::*;

struct P {
    x: f64,
}

#[differentiable]
fn f(x: f64) -> P {
    P { x: 2.0 * x }
}

fn main() {}
