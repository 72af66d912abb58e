use differentiable::prelude::*;

#[differentiable(name = model::Energy)]
fn f(x: f64) -> f64 {
    x * x
}

fn main() {}
