use differentiable::prelude::*;
#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    #[differentiable(ignore)]
    n: usize,
}

fn main() {}
