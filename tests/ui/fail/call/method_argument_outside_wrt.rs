use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    k: f64,
}

impl S {
    #[differentiable(wrt(self))]
    fn force(&self, x: f64) -> f64 {
        self.k * x
    }
}

#[differentiable(wrt(s, x))]
fn f(s: &S, x: f64) -> f64 {
    s.force(x)
}

fn main() {}
