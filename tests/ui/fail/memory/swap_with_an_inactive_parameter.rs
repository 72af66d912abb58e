use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(mut x: f64, out: &mut f64) -> f64 {
    std::mem::swap(&mut x, out);
    x
}

fn main() {}
