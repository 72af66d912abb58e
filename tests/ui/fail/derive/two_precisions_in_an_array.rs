use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: [f64; 2],
    y: [f32; 2],
}

fn main() {}
