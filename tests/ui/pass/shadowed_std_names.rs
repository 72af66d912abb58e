use differentiable::prelude::*;

#[allow(dead_code)]
mod core {}
#[allow(dead_code)]
struct Vec;
#[allow(dead_code, non_camel_case_types)]
struct Option;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        s = s * x[i];
    }
    s
}

fn main() {
    assert_eq!(f::grad(&[2.0, 3.0]), [3.0, 2.0]);
}
