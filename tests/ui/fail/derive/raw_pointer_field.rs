use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    p: *const f64,
}

fn main() {}
