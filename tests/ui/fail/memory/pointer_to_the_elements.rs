use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let p = x.as_ptr();
    unsafe { *p * *p }
}

fn main() {}
