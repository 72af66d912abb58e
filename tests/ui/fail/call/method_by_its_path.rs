use differentiable::prelude::*;

struct P {
    k: f64,
}

impl P {
    fn e(&self, x: f64) -> f64 {
        self.k * x
    }
}

#[differentiable(wrt(x))]
fn f(p: &P, x: f64) -> f64 {
    P::e(p, x) * x
}

fn main() {}
