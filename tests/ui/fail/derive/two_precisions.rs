use differentiable::prelude::*;
#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    y: f32,
}

fn main() {}
