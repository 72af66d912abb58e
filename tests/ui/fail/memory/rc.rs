use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let r = std::rc::Rc::new(x);
    *r * 2.0
}

fn main() {}
