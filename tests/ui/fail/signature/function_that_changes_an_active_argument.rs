use differentiable::prelude::*;

#[differentiable]
fn twice(f: impl Fn(&mut f64), x: f64) -> f64 {
    let mut y = x;
    f(&mut y);
    f(&mut y);
    y
}

fn main() {}
