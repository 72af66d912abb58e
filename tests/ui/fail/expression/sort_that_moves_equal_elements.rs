use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = [(x, 1.0_f64), (2.0 * x, 1.0)];
    a.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    a[0].0
}

fn main() {}
