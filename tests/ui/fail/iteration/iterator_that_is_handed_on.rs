use differentiable::prelude::*;

fn first<'a>(it: &mut std::slice::Iter<'a, f64>) -> f64 {
    *it.next().unwrap()
}

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut it = x.iter();
    first(&mut it) * it.sum::<f64>()
}

fn main() {}
