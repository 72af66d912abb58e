use differentiable::prelude::*;
macro_rules! id {
    ($x:expr) => {
        $x
    };
}

#[differentiable]
fn f(x: f64) -> f64 {
    let a = id!(x);
    let b = x.to_bits();
    let c = unsafe { x };
    a + c + b as f64
}

fn main() {}
