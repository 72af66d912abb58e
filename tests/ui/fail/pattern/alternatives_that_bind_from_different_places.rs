use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let p = ((x, 2.0 * x), 3);
    match p {
        ((y, 1.0) | (1.0, y), 3) => y,
        _ => x,
    }
}

fn main() {}
