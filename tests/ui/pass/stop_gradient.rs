use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    x * stop_gradient(x)
}

fn main() {
    assert_eq!(f::grad(3.0), 3.0);
}
