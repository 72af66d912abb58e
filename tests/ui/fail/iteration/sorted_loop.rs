use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = vec![x, 2.0 * x];
    a.sort_by(f64::total_cmp);
    let mut y = 0.0;
    for v in &a {
        y += v;
    }
    y
}

fn main() {}
