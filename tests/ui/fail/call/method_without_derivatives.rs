use differentiable::prelude::*;
#[derive(Clone, Differentiable)]
struct S {
    x: f64,
}

impl S {
    fn plain(&self) -> f64 {
        self.x
    }
}

#[differentiable(wrt(s))]
fn f(s: &S) -> f64 {
    s.plain()
}

fn main() {}
