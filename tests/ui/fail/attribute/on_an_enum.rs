use differentiable::prelude::*;

#[differentiable]
enum E {
    A(f64),
}

fn main() {}
