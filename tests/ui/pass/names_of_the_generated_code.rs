use differentiable::prelude::*;

#[differentiable]
fn f(seed: f64, d_seed: f64, x_bar: f64, taken: f64, tape: f64) -> f64 {
    let back = seed * d_seed;
    let value = x_bar * taken;
    let product = back * value;
    product * tape
}

fn main() {
    assert_eq!(f::grad(1.0, 2.0, 3.0, 4.0, 5.0), (120.0, 60.0, 40.0, 30.0, 24.0));
}
