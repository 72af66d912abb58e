use differentiable::prelude::*;

#[differentiable(second_order, vjp = square_vjp, jvp = square_jvp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    *d_x += seed * 2.0 * x;
    x * x
}

fn square_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x * x, 2.0 * x * x_dot)
}

fn main() {}
