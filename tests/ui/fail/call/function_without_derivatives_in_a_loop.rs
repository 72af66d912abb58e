use differentiable::prelude::*;

fn plain(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn f(x: f64) -> f64 {
    let mut s = 0.0;
    for _ in 0..3 {
        s += plain(x);
    }
    s
}

fn main() {}
