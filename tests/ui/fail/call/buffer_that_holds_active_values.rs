//! A buffer that is filled with what is differentiated, for a function that does not differentiate it.
use differentiable::prelude::*;

#[differentiable]
fn fill(buffer: &mut [f64; 2], x: f64) {
    buffer[0] = x * x;
}

#[differentiable(wrt(x))]
fn weighted(buffer: &mut [f64; 2], x: f64) -> f64 {
    buffer[1] = 1.0;
    buffer[0] * x
}

#[differentiable]
fn by_a_function(x: f64) -> f64 {
    let mut buffer = [0.0; 2];
    fill(&mut buffer, x);
    weighted(&mut buffer, x)
}

#[differentiable]
fn by_a_store(x: f64) -> f64 {
    let mut buffer = [0.0; 2];
    buffer[0] = x;
    weighted(&mut buffer, x)
}

fn main() {}
