use differentiable::prelude::*;
#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = Some(x);
    let mut s = 0.0;
    while let Some(v) = y {
        s += v;
        y = None;
    }
    s
}

fn main() {}
