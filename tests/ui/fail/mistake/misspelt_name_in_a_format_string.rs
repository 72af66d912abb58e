use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    println!("{y}");
    x * x
}

fn main() {}
