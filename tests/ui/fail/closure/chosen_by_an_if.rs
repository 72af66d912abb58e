use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, n: usize) -> f64 {
    let g: fn(f64) -> f64 = if n > 0 { |a| a * a } else { |a| a };
    g(x)
}

fn main() {}
