use differentiable::prelude::*;
type Index = usize;

#[differentiable]
fn f(x: f64) -> f64 {
    let n = x as Index;
    n as f64 * x
}

fn main() {}
