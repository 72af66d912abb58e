use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    #[differentiable(skipp)]
    n: usize,
}

fn main() {}
