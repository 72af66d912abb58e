use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let c = std::cell::RefCell::new(x);
    *c.borrow_mut() *= 2.0;
    let y = *c.borrow();
    y
}

fn main() {}
