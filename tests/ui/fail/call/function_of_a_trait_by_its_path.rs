use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let y: f64 = From::from(x);
    Into::<f64>::into(x) * Clone::clone(&y) * ToOwned::to_owned(&x)
}

fn main() {}
