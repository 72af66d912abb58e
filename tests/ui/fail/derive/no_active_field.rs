use differentiable::prelude::*;
#[derive(Clone, Differentiable)]
struct S {
    #[differentiable(skip)]
    n: usize,
}

fn main() {}
