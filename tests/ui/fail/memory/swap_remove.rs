use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f(x: Vec<f64>) -> f64 {
    let mut a = x;
    let v = a.swap_remove(0);
    v * a[0]
}

fn main() {}
