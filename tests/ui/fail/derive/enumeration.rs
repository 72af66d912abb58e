use differentiable::prelude::*;
#[derive(Clone, Differentiable)]
enum E {
    A(f64),
}

fn main() {}
