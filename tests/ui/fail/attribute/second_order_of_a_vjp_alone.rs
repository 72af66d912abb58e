use differentiable::prelude::*;

#[differentiable(second_order, vjp = square_vjp)]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable(wrt(x, seed, d_x))]
fn square_vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    *d_x += seed * 2.0 * x;
    x * x
}

fn main() {}
