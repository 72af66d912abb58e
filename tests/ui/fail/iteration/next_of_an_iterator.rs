use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut it = [x, 2.0 * x].into_iter();
    it.next().unwrap()
}

fn main() {}
