use differentiable::prelude::*;

#[differentiable(wrt(x), second_order)]
fn scaled(weights: Option<&[f64]>, x: f64) -> f64 {
    x * x * weights.map_or(1.0, |weights| weights[0])
}

#[differentiable]
fn curvature(x: f64) -> f64 {
    scaled::grad(Some(&[2.0]), x) * x
}

fn main() {
    let _ = scaled::hvp(None, 3.0, 1.0);
    let _ = scaled::hessian(None, 3.0);
}
