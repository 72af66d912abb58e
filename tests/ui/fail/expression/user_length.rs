use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct Arrow {
    x: f64,
    y: f64,
}

impl Arrow {
    fn len(&self) -> f64 {
        self.x.hypot(self.y)
    }
}

#[differentiable(wrt(a))]
fn f(a: &Arrow) -> f64 {
    a.len() * 2.0
}

fn main() {}
