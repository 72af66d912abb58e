use differentiable::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Arrow {
    x: f64,
}

impl std::ops::Mul<i32> for Arrow {
    type Output = Self;
    fn mul(self, by: i32) -> Self {
        Self { x: self.x * f64::from(by) }
    }
}

#[differentiable(wrt(a))]
fn f(a: Arrow, y: f64) -> f64 {
    let b = a * 2;
    b.x * y + a.x
}

fn main() {}
