use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let p = &raw const x;
    unsafe { *p }
}

fn main() {}
