use differentiable::prelude::*;

macro_rules! vec {
    ($($x:expr),*) => {
        Vec::from([$(2.0 * $x),*])
    };
}

#[differentiable]
fn f(x: f64) -> f64 {
    let v = vec![x, x];
    v[0] * v[1]
}

fn main() {}
