use differentiable::prelude::*;

enum K {
    A,
    B,
}

#[differentiable]
fn f(x: f64, k: K) -> f64 {
    match k {
        K::A => x,
        K::C => x * x,
    }
}

fn main() {}
