use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let k: Option<f64> = Some(2.0);
    k.map_or(x, |k| k * x)
}

fn main() {}
