use differentiable::prelude::*;

fn once(f: impl Fn(&mut f64), mut x: f64) -> f64 {
    f(&mut x);
    x
}

#[differentiable]
fn f(x: f64) -> f64 {
    let k = x * x;
    once(|y: &mut f64| *y *= k, x)
}

fn main() {}
