use differentiable::prelude::*;

enum E {
    A(f64),
    B,
}

#[differentiable]
fn f(x: f64) -> f64 {
    match E::A(x) {
        E::A(y) => y,
        E::B => 0.0,
    }
}

fn main() {}
