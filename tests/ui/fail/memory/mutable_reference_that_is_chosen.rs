use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut a = [x, 1.0];
    let (i, j) = (0, 1);
    let [p, q] = &mut a;
    let larger = if i < j { p } else { q };
    *larger = x * x;
    a[0]
}

#[differentiable]
fn g(x: f64) -> f64 {
    let mut a = (x, 1.0);
    let larger = if x > 1.0 { &mut a.0 } else { &mut a.1 };
    *larger = x * x;
    a.0
}

fn main() {}
