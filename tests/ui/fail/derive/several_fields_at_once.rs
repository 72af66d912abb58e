use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    n: usize,
    on: bool,
    name: String,
}

fn main() {}
