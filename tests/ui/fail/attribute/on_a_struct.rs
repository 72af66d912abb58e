use differentiable::prelude::*;
#[differentiable]
struct S {
    x: f64,
}

fn main() {}
