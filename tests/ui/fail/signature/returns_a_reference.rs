use differentiable::prelude::*;
#[differentiable]
fn f<'a>(x: &'a [f64; 2]) -> &'a f64 {
    &x[0]
}

fn main() {}
