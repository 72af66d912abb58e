use differentiable::prelude::*;

trait Ring {
    fn first(&self) -> Option<&f64>;
    fn iter(&self) -> core::slice::Iter<'_, f64>;
    fn last(self) -> Option<f64>;
    fn swap(&mut self, i: usize, j: usize);
    fn fill(&self, x: f64);
    fn split_at(&self, middle: usize) -> (&[f64], &[f64]);
}

impl Ring for [f64; 3] {
    fn first(&self) -> Option<&f64> {
        self.get(1)
    }
    fn iter(&self) -> core::slice::Iter<'_, f64> {
        self[1..].iter()
    }
    fn last(self) -> Option<f64> {
        Some(self[0])
    }
    fn swap(&mut self, i: usize, j: usize) {
        self[i] = self[j];
    }
    fn fill(&self, _: f64) {}
    fn split_at(&self, middle: usize) -> (&[f64], &[f64]) {
        (&self[middle..], &self[..middle])
    }
}

#[differentiable]
fn ends(x: &[f64; 3]) -> f64 {
    x.first().unwrap() * x.last().unwrap()
}

#[differentiable]
fn changes(x: &[f64; 3]) -> f64 {
    let mut a = *x;
    a.swap(0, 1);
    a.fill(x[2]);
    let (left, right) = a.split_at(1);
    left[0] * right[0]
}

#[differentiable]
fn sum(x: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for x in x.iter() {
        s += x * x;
    }
    s
}

#[differentiable]
fn inactive(x: f64) -> f64 {
    let scales = [1.0, 2.0, 3.0];
    scales.iter().map(|scale| scale * x).sum()
}

fn main() {}
