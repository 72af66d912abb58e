use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    [x, 2.0 * x].iter().filter(|&&x| x > 0.0).cycle().take(3).sum()
}

fn main() {}
