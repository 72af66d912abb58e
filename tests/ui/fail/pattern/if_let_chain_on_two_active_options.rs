use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let a = Some(x);
    let b = Some(2.0 * x);
    if let Some(y) = a
        && let Some(z) = b
    {
        y * z
    } else {
        0.0
    }
}

fn main() {}
