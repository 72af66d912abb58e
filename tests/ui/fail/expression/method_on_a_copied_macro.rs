use differentiable::prelude::*;

macro_rules! my {
    ($x:expr) => {
        $x * 2.0
    };
}

#[differentiable]
fn f(x: f64) -> f64 {
    my!(x).sin()
}

fn main() {}
