use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    f: fn(f64) -> f64,
}

fn main() {}
