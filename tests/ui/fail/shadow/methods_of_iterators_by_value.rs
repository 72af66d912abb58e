use differentiable::prelude::*;

trait Backwards: Iterator {
    fn next(self) -> Option<Self::Item>;
    fn nth(self, n: usize) -> Option<Self::Item>;
    fn find(self, f: fn(&Self::Item) -> bool) -> Option<Self::Item>;
}

impl<I: Iterator> Backwards for I {
    fn next(self) -> Option<Self::Item> {
        self.last()
    }
    fn nth(self, _: usize) -> Option<Self::Item> {
        self.last()
    }
    fn find(self, _: fn(&Self::Item) -> bool) -> Option<Self::Item> {
        self.last()
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    x.iter().next().unwrap() * x.iter().nth(1).unwrap() * x.iter().find(|x| **x > 0.0).unwrap()
}

fn main() {}
