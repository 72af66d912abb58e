use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let r: Result<f64, ()> = if x > 0.0 { Ok(x * x) } else { Err(()) };
    r.unwrap_or(0.0)
}

fn main() {}
