use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y = Err::<f64, f64>(x);
    y.unwrap_err()
}

fn main() {}
