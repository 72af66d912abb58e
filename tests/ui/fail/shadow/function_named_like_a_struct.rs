use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct Square(f64);

#[allow(non_snake_case)]
fn Twice(x: f64) -> Square {
    Square(2.0 * x)
}

#[differentiable]
fn f(x: f64) -> f64 {
    let p = Twice(x * x);
    p.0 * p.0
}

fn main() {}
