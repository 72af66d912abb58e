use differentiable::prelude::*;

#[differentiable]
unsafe fn f(x: f64) -> f64 {
    x * x
}

fn main() {
    assert_eq!(unsafe { f::grad(3.0) }, 6.0);
}
