use differentiable::prelude::*;

#[differentiable(wrt(p))]
fn f(p: Vec<f64>) -> f64 {
    let q = p;
    q[0] * p[1]
}

fn main() {}
