use differentiable::prelude::*;

#[differentiable(wrt(x))]
fn f<T>(x: T) -> f64 {
    x * x
}

fn main() {}
