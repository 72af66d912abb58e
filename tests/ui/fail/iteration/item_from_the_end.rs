use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let last = it.next_back().unwrap();
    last * it.sum::<f64>()
}

fn main() {}
