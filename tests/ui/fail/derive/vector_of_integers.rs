use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    n: Vec<usize>,
}

fn main() {}
