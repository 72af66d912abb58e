use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    name: String,
}

fn main() {}
