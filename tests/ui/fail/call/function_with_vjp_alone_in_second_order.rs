use differentiable::prelude::*;

fn rule(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    *d_x += 2.0 * x * seed;
    x * x
}

#[differentiable(vjp = rule)]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable(second_order)]
fn f(x: f64) -> f64 {
    square(x)
}

fn main() {}
