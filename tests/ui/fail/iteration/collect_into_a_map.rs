use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let m: std::collections::HashMap<usize, f64> = [x, x].into_iter().enumerate().collect();
    m[&0]
}

fn main() {}
