use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y: f64 = unsafe { std::mem::transmute(x.to_bits()) };
    y
}

fn main() {}
