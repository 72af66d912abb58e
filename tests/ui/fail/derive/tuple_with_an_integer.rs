use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: (f64, i32),
}

fn main() {}
