use differentiable::prelude::*;

enum Shape {
    Round(f64),
    Flat,
}

#[differentiable]
fn f(x: f64) -> f64 {
    let shape = if x > 0.0 { Shape::Round(x) } else { Shape::Flat };
    match shape {
        Shape::Round(radius) => radius * radius,
        Shape::Flat => 0.0,
    }
}

fn main() {}
