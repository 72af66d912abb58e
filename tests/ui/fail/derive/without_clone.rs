use differentiable::prelude::*;

#[derive(Differentiable)]
struct S {
    x: f64,
}

fn main() {}
