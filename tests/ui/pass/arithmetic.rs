use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    (x + y) * (x - y) / 2.0 - -x
}

fn main() {
    assert_eq!(f::grad(3.0, 1.0), (4.0, -1.0));
}
