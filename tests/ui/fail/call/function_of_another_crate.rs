use differentiable::prelude::*;

mod libm_like {
    pub fn square(x: f64) -> f64 {
        x * x
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    libm_like::square(x)
}

fn main() {}
