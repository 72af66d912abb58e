use differentiable::prelude::*;

trait Energy {
    #[differentiable]
    fn energy(&self, y: f64) -> f64;
}

fn main() {}
