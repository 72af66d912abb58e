use differentiable::prelude::*;

#[differentiable]
fn f(x: [f64; 4]) -> f64 {
    let mut a = x;
    a.copy_within(0..2, 2);
    a[2] * a[3]
}

fn main() {}
