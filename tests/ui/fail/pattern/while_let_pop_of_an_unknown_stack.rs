use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut s = vec![x];
    let mut y = 0.0;
    while let Some(v) = s.pop() {
        y += v;
    }
    y
}

fn main() {}
