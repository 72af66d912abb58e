use differentiable::prelude::*;

#[differentiable(wrt(T))]
fn f<T: Real>(x: T) -> T {
    x
}

fn main() {}
