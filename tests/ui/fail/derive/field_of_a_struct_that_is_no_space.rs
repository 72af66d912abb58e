use differentiable::prelude::*;

#[derive(Clone)]
struct Inner {
    x: f64,
}

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    inner: Inner,
}

fn main() {}
