use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y = x * x;
    macro_rules! twice {
        () => {
            y + y
        };
    }
    twice!() * x
}

fn main() {}
