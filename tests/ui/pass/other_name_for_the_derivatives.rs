use differentiable::prelude::*;

#[allow(dead_code)]
mod energy {}

#[differentiable(name = EnergyOf)]
fn energy(x: f64) -> f64 {
    x * x
}

fn main() {
    assert_eq!(EnergyOf::grad(3.0), 6.0);
}
