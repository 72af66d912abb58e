use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, out: &mut Vec<f64>) {
    out.push(x);
}

fn main() {}
