use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let g = async |y: f64| y * x;
    drop(g);
    x
}

fn main() {}
