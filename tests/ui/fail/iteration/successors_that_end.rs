use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    std::iter::successors(Some(x), |v| if *v < 8.0 { Some(v * 2.0) } else { None }).sum()
}

fn main() {}
