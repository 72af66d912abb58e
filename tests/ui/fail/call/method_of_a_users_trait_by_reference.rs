use differentiable::prelude::*;

trait AtLeast {
    fn max(&self, other: f64) -> f64;
}

impl AtLeast for f64 {
    fn max(&self, other: f64) -> f64 {
        if *self > other { 10.0 * self } else { other }
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    x.iter().map(|x| x.max(0.0)).sum()
}

#[differentiable]
fn of_a_parameter(x: &f64) -> f64 {
    x.max(0.0)
}

#[differentiable]
fn of_an_inactive_receiver(k: &f64, x: f64) -> f64 {
    k.max(x)
}

#[differentiable]
fn dereferenced(x: &[f64; 3]) -> f64 {
    x.iter().map(|x| (*x).max(0.0)).sum()
}

fn main() {}
