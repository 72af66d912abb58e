use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, scale: Option<f64>) -> f64 {
    let mut y = x;
    if let Some(scale) = scale {
        y *= scale;
    }
    y
}

fn main() {
    assert_eq!((f::grad(3.0, Some(2.0)), f::grad(3.0, None)), (2.0, 1.0));
}
