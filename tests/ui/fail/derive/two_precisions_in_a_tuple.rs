use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: (f64, f32),
}

fn main() {}
