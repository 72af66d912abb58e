use differentiable::prelude::*;
fn rule(x: f64, seed: f64, d_x: &mut f64) -> f64 {
    *d_x += seed;
    x
}
#[differentiable(vjp = rule)]
fn f(x: f64) -> f64 {
    x
}

fn main() {
    f::jvp(1.0, 1.0);
}
