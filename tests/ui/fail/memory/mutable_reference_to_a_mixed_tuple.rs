use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = (x, 3usize);
    let r = &mut a;
    r.0 *= x;
    a.0
}

fn main() {}
