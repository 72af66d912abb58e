use differentiable::prelude::*;

#[differentiable]
mod inner {}

fn main() {}
