use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let twice = |t: f64| 2.0 * t * x;
    twice(twice(x))
}

fn main() {
    assert_eq!(f::grad(1.0), 12.0);
}
