use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = x;
    let z = std::mem::take(&mut y);
    z * z
}

fn main() {}
