use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    on: bool,
}

fn main() {}
