use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = [x, 2.0 * x];
    a.sort_by(f64::total_cmp);
    a[0]
}

fn main() {}
