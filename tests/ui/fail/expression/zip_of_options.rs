use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    let o = if y > 0.0 { Some(x) } else { None };
    let p = if x > 0.0 { Some(y) } else { None };
    o.zip(p).map_or(0.0, |(a, b)| a * b)
}

fn main() {}
