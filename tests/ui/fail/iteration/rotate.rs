use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = [x, 2.0 * x];
    a.rotate_left(1);
    a[0]
}

fn main() {}
