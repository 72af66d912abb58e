use differentiable::prelude::*;

#[differentiable]
fn f(x: [f64; 3]) -> f64 {
    let mut a = x;
    a.sort_by(|p, q| p.total_cmp(q));
    a[0] * a[1]
}

fn main() {}
