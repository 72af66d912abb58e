use differentiable::prelude::*;

static mut STATE: f64 = 0.0;

#[differentiable]
fn f(x: f64) -> f64 {
    unsafe {
        STATE = x;
    }
    x
}

fn main() {}
