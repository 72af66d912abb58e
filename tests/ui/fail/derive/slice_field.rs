use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S<'a> {
    x: &'a [f64],
}

fn main() {}
