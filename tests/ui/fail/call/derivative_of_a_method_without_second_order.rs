use differentiable::prelude::*;

struct Spring {
    k: f64,
}

impl Spring {
    #[differentiable]
    fn energy(&self, x: f64) -> f64 {
        self.k * x * x
    }

    #[differentiable]
    fn force(&self, x: f64) -> f64 {
        self.energy_grad(x) * x
    }
}

fn main() {}
