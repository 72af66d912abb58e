use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    y: Option<f64>,
}

fn main() {}
