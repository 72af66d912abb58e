use differentiable::prelude::*;

fn plain(x: f64) -> f64 {
    x * x
}

fn other(x: f64) -> f64 {
    x + 1.0
}

#[differentiable]
fn f(x: f64) -> f64 {
    plain(x) + other(x)
}

fn main() {}
