use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let g = if x > 0.0 { |y: f64| y } else { |y: f64| -y };
    g(x)
}

fn main() {}
