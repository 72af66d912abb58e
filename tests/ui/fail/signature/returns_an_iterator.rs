use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> impl Iterator<Item = f64> {
    std::iter::once(x)
}

fn main() {}
