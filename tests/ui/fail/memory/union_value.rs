use differentiable::prelude::*;

union U {
    a: f64,
    b: u64,
}

#[differentiable]
fn f(x: f64) -> f64 {
    let u = U { a: x };
    unsafe { u.a * 2.0 }
}

fn main() {}
