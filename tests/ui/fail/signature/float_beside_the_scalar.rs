use differentiable::prelude::*;

#[differentiable]
fn f<T: Real>(x: T, k: f64) -> T {
    x * T::from_f64(k)
}

fn main() {}
