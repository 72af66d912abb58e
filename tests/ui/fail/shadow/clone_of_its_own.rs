use differentiable::prelude::*;

#[derive(Differentiable)]
struct Point {
    x: f64,
}

impl Clone for Point {
    fn clone(&self) -> Self {
        Point { x: self.x }
    }
}

impl Point {
    fn clone(&self) -> Self {
        Point { x: 2.0 * self.x }
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    let p = Point { x: x * x };
    p.clone().x
}

fn main() {}
