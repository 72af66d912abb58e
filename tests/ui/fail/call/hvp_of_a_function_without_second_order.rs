use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x * x
}

fn g() -> f64 {
    f::hvp(1.0, 1.0)
}

fn main() {}
