use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut o = Some(x);
    let v = o.take();
    v.unwrap() * x
}

fn main() {}
