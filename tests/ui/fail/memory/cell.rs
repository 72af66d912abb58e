use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let c = std::cell::Cell::new(x);
    c.get() * 2.0
}

fn main() {}
