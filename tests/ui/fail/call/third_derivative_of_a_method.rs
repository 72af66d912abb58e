use differentiable::prelude::*;

struct Spring {
    k: f64,
}

impl Spring {
    #[differentiable(second_order)]
    fn energy(&self, x: f64) -> f64 {
        self.k * x * x
    }

    #[differentiable(second_order)]
    fn twice(&self, x: f64) -> f64 {
        self.energy_grad(x) * x
    }

    #[differentiable]
    fn thrice(&self, x: f64) -> f64 {
        self.energy_hessian(x) * x
    }
}

fn main() {}
