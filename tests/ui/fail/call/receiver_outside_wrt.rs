use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    k: f64,
}

impl S {
    #[differentiable]
    fn force(&self, x: f64) -> f64 {
        self.k * x
    }
}

#[differentiable(wrt(s))]
fn f(s: &S) -> f64 {
    s.force(2.0)
}

fn main() {}
