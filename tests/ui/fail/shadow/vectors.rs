use core::ops::Index;
use differentiable::prelude::*;

struct Vec<T>(std::vec::Vec<T>);

impl<T> FromIterator<T> for Vec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec(items.into_iter().collect())
    }
}

impl<T> Index<usize> for Vec<T> {
    type Output = T;
    fn index(&self, i: usize) -> &T {
        &self.0[self.0.len() - 1 - i]
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    let v = x.iter().map(|x| x * x).collect::<Vec<_>>();
    v[0] * x[1]
}

fn main() {}
