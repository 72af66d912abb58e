use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, n: usize) -> f64 {
    let mut s = x;
    for i in n {
        s *= x;
    }
    s
}

fn main() {}
