use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let t = x.to_string();
    t.parse::<f64>().unwrap() * x
}

fn main() {}
