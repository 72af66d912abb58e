use differentiable::prelude::*;

trait Shape {
    fn area(&self) -> f64;
}

#[differentiable(wrt(x))]
fn f<S>(s: &S, x: f64) -> f64 {
    s.area() * x
}

fn main() {}
