use differentiable::prelude::*;

macro_rules! bump {
    ($y:ident) => {
        $y *= 2.0
    };
}

#[differentiable]
fn f(x: f64) -> f64 {
    let mut y = x;
    bump!(y);
    y
}

fn main() {}
