use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
#[differentiable(wrt(x))]
struct S {
    x: f64,
}

fn main() {}
