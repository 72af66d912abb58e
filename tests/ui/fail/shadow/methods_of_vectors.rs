use differentiable::prelude::*;

trait Log {
    fn push(&self, x: f64);
    fn pop(&self) -> Option<f64>;
    fn resize(&self, n: usize, x: f64);
    fn extend(&self, x: [f64; 1]);
    fn first(&self) -> Option<&f64>;
}

impl Log for Vec<f64> {
    fn push(&self, _: f64) {}
    fn pop(&self) -> Option<f64> {
        Some(self[0])
    }
    fn resize(&self, _: usize, _: f64) {}
    fn extend(&self, _: [f64; 1]) {}
    fn first(&self) -> Option<&f64> {
        self.get(1)
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    let mut v = x.to_vec();
    v.push(x[0]);
    v.resize(2, 0.0);
    v.extend([x[1]]);
    v.pop().unwrap() * v.first().unwrap()
}

fn main() {}
