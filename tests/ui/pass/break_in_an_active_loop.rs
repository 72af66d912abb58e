use differentiable::prelude::*;
#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = x;
    for i in 0..10 {
        if i == 5 {
            break;
        }
        y = y * x;
    }
    y
}

fn main() {}
