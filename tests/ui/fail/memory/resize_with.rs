use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: Vec<f64>) -> f64 {
    let mut a = x;
    a.resize_with(4, Default::default);
    a[3] * a[0]
}

fn main() {}
