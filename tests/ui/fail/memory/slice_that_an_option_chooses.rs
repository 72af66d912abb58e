use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64], skip: Option<usize>) -> f64 {
    let y = skip.map(|k| &x[k..]).unwrap_or(x);
    y.iter().sum()
}

fn main() {}
