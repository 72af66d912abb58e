use differentiable::prelude::*;

#[differentiable(second_order)]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiable(second_order)]
fn step(x: &mut f64) {
    *x = *x * *x;
}

#[differentiable]
fn third(x: f64) -> f64 {
    square::hvp(x, 1.0) + square::hessian(x)
}

#[differentiable]
fn cotangents(x: f64) -> f64 {
    let mut d = 0.0;
    square::vjp(x, 1.0, &mut d)
}

#[differentiable]
fn changes(x: f64) -> f64 {
    let (mut y, mut y_dot) = (x, 1.0);
    step::jvp(&mut y, &mut y_dot);
    y_dot
}

fn main() {}
