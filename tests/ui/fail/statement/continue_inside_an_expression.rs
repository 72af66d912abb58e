use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = 0.0;
    for i in 0..3 {
        y += x * if i == 1 { continue } else { 2.0 };
    }
    y
}

fn main() {}
