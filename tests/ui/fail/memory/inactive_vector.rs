use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: f64, out: &mut Vec<f64>) -> f64 {
    out.push(x);
    x
}

fn main() {}
