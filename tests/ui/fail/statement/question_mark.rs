use differentiable::prelude::*;
#[differentiable(wrt(x))]
fn f(x: f64, text: &str) -> Option<f64> {
    let k: f64 = text.parse().ok()?;
    Some(x * k)
}

fn main() {}
