use differentiable::prelude::*;

fn twice<T: Real>(x: T) -> T {
    x + x
}

#[differentiable]
fn f(x: f64) -> f64 {
    twice(x)
}

fn main() {}
