use differentiable::prelude::*;

fn rule(x: f64, seed: f64) -> f64 {
    x * seed
}

#[differentiable(vjp = rule)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
