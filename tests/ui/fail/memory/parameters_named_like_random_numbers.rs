use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct Range {
    width: f64,
}

impl Range {
    #[differentiable(wrt(self))]
    fn normal(&mut self) -> f64 {
        self.width *= 0.5;
        self.width * self.width
    }
}

#[derive(Clone, Differentiable)]
struct Walk {
    rng: Range,
}

#[differentiable(wrt(walk))]
fn f(walk: &mut Walk) -> f64 {
    let z = walk.rng.normal();
    z * walk.rng.width
}

fn main() {}
