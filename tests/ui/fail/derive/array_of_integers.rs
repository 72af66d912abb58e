use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    n: [u8; 4],
}

fn main() {}
