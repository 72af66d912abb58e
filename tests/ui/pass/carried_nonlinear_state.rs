use differentiable::prelude::*;

#[differentiable]
fn f(x: f64, n: usize) -> f64 {
    let mut s = x;
    for _ in 0..n {
        s = s * s;
    }
    s
}

fn main() {
    assert_eq!(f::grad(2.0, 3), 8.0 * 128.0);
}
