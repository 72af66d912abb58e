use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let g: Box<dyn Fn(f64) -> f64> = Box::new(|y| y * x);
    g(2.0)
}

fn main() {}
