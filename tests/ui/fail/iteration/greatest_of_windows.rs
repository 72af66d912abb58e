use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    x.windows(2).max_by(|a, b| a[0].total_cmp(&b[0])).map_or(0.0, |w| w[0] * w[1])
}

fn main() {}
