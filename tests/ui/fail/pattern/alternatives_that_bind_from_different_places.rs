use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let p = (x, 2.0 * x);
    match p {
        (y, 1.0) | (1.0, y) => y,
        _ => x,
    }
}

fn main() {}
