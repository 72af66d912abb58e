use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> [i32; 2] {
    [x as i32, 0]
}

fn main() {}
