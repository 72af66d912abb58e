use differentiable::prelude::*;

struct S;

impl S {
    #[differentiable]
    fn f(self: std::rc::Rc<Self>, x: f64) -> f64 {
        x * x
    }
}

fn main() {}
