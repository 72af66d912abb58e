use differentiable::prelude::*;

#[derive(Clone, Copy, Differentiable)]
union U {
    x: f64,
    y: f64,
}

fn main() {}
