use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: *const f64) -> f64 {
    unsafe { *x * 2.0 }
}

fn main() {}
