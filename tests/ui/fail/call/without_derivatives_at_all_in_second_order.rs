use differentiable::prelude::*;

fn plain(x: f64) -> f64 {
    x * x
}

#[differentiable(second_order)]
fn f(x: f64) -> f64 {
    plain(x)
}

fn main() {}
