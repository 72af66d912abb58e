use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = x;
    loop {
        y = y * if y > 10.0 { break } else { 2.0 };
    }
    y
}

fn main() {}
