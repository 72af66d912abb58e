use differentiable::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

impl core::ops::Mul<f64> for Point {
    type Output = Point;

    fn mul(self, by: f64) -> Point {
        Point { x: self.x * by, y: self.y * by }
    }
}

#[differentiable(wrt(p, k))]
fn f(p: Point, k: f64) -> f64 {
    let scaled = p * k;
    scaled.x + scaled.y
}

fn main() {}
