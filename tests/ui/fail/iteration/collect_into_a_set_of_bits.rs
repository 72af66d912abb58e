use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let s: std::collections::BTreeSet<u64> = [x].iter().map(|v| v.to_bits()).collect();
    x * s.len() as f64
}

fn main() {}
