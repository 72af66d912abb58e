use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y = x * x;
    let z: f64 = include!("square_of_y.in");
    y + z
}

fn main() {}
