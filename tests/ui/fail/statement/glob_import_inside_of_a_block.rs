use differentiable::prelude::*;

mod metres {
    pub const FOOT: f64 = 0.3048;
}

#[differentiable]
fn f(x: f64) -> f64 {
    let y = {
        use metres::*;
        x * FOOT
    };
    y * y
}

fn main() {}
