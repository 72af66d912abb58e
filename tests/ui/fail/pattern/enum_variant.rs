use differentiable::prelude::*;

enum E {
    A(f64),
}

#[differentiable]
fn f(x: f64) -> f64 {
    let e = E::A(x);
    let E::A(y) = e;
    y
}

fn main() {}
