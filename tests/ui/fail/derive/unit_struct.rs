use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S;

fn main() {}
