use differentiable::prelude::*;

#[derive(Clone, Copy, Debug, Differentiable)]
struct State {
    a: f64,
    b: f64,
}

impl State {
    #[differentiable(wrt(self, x))]
    fn step(&mut self, x: f64) -> f64 {
        self.a += x * self.b;
        self.a
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    let mut s = State { a: x, b: 1.0 };
    while s.step(x) < 3.0 {
        s.b += 1.0;
    }
    s.a * s.b
}

fn main() {}
