use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    k: f64,
}

impl S {
    #[differentiable(wrt(self))]
    fn square(&self) -> f64 {
        self.k * self.k
    }
}

#[differentiable(wrt(s), second_order)]
fn f(s: &S) -> f64 {
    s.square()
}

fn main() {}
