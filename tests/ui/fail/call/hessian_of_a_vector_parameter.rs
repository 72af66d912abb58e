use differentiable::prelude::*;

#[differentiable(second_order)]
fn f(x: &[f64]) -> f64 {
    x[0] * x[0]
}

fn g() {
    f::hessian(&[1.0]);
}

fn main() {}
