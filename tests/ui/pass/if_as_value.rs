use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    if x > 0.0 { x * x } else { -x }
}

fn main() {
    assert_eq!((f::grad(3.0), f::grad(-3.0)), (6.0, -1.0));
}
