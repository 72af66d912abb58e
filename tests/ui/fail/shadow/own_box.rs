use differentiable::prelude::*;

struct Box<T: ?Sized>(Vec<f64>, std::marker::PhantomData<T>);

impl FromIterator<f64> for Box<[f64]> {
    fn from_iter<I: IntoIterator<Item = f64>>(items: I) -> Self {
        let mut items: Vec<f64> = items.into_iter().collect();
        items.reverse();
        Self(items, std::marker::PhantomData)
    }
}

impl std::ops::Index<usize> for Box<[f64]> {
    type Output = f64;
    fn index(&self, at: usize) -> &f64 {
        &self.0[at]
    }
}

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let b: Box<[f64]> = x.iter().map(|v| v * v).collect();
    b[0]
}

fn main() {}
