use differentiable::prelude::*;

trait Shape {
    fn area(&self, x: f64) -> f64;
}

#[differentiable(wrt(x))]
fn f<S: Shape>(s: &S, x: f64) -> f64 {
    s.area(x) * x
}

fn main() {}
