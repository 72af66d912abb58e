use differentiable::prelude::*;

trait Energy {
    fn energy(&self, x: f64) -> f64;
}

#[differentiable]
fn f(x: f64, e: &dyn Energy) -> f64 {
    e.energy(x)
}

fn main() {}
