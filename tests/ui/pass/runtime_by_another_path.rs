use differentiable::prelude::*;

mod inner {
    pub use differentiable as diff;
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
#[differentiable(crate = crate::inner::diff)]
struct P {
    x: f64,
}

#[differentiable(wrt(p), crate = crate::inner::diff)]
fn f(p: &P) -> f64 {
    p.x * p.x
}

fn main() {
    assert_eq!(f::grad(&P { x: 3.0 }), P { x: 6.0 });
}
