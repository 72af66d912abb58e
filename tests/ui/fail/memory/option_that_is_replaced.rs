use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    let mut kept = Some(x);
    let before = kept.replace(y);
    before.unwrap_or(0.0) * kept.unwrap_or(1.0)
}

fn main() {}
