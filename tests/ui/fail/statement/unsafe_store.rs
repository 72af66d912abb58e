use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = x;
    unsafe {
        *(&raw mut y) = 2.0 * x;
    }
    y
}

fn main() {}
