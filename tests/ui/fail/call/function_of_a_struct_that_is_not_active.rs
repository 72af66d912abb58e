use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn f(height: impl Fn(&Point) -> f64, x: f64) -> f64 {
    height(&Point { x, y: x * x })
}

fn main() {}
