use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: Vec<f64>) -> f64 {
    let mut a = x;
    let v = a.split_off(1);
    v[0] * a[0]
}

fn main() {}
