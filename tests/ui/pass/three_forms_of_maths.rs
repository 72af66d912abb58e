use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x.exp() * f64::exp(x) * Real::exp(x)
}

fn main() {
    assert_eq!(f::grad(0.0), 3.0);
}
