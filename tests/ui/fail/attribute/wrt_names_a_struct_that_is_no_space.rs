use differentiable::prelude::*;

struct C {
    re: f64,
    im: f64,
}

#[differentiable(wrt(c))]
fn f(c: C) -> f64 {
    c.re * c.im
}

fn main() {}
