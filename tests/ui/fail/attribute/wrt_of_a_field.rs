use differentiable::prelude::*;

#[differentiable(wrt(p.w))]
fn f(p: &[f64; 2]) -> f64 {
    p[0]
}

fn main() {}
