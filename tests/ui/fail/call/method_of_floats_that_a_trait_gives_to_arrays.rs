use differentiable::prelude::*;

trait Exp {
    fn exp(&self) -> f64;
}

impl Exp for [f64; 2] {
    fn exp(&self) -> f64 {
        self[0].exp() + self[1].exp()
    }
}

#[differentiable]
fn f(x: [f64; 2]) -> f64 {
    x.exp()
}

fn main() {}
