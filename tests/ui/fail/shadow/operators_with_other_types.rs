use core::ops::{Add, AddAssign};
use differentiable::prelude::*;

#[derive(Clone, Copy)]
struct Twice(f64);

impl Add<Twice> for f64 {
    type Output = f64;
    fn add(self, other: Twice) -> f64 {
        2.0 * self + other.0
    }
}

impl AddAssign<Twice> for f64 {
    fn add_assign(&mut self, other: Twice) {
        *self = 2.0 * *self + other.0;
    }
}

const ONE: Twice = Twice(1.0);

#[differentiable]
fn by_a_constant(x: f64) -> f64 {
    (x + ONE) * x
}

#[differentiable]
fn by_a_variable(x: f64) -> f64 {
    let one = Twice(1.0);
    let y = x + one;
    y * y
}

#[differentiable]
fn by_an_assignment(x: f64) -> f64 {
    let mut y = x;
    y += Twice(1.0);
    y * y
}

fn main() {}
