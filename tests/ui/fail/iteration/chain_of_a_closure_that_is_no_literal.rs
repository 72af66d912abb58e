use differentiable::prelude::*;

fn unknown(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn f(x: f64) -> f64 {
    [x, 2.0 * x].iter().copied().map(unknown).sum()
}

fn main() {}
