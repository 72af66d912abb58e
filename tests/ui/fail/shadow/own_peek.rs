use differentiable::prelude::*;

trait Last {
    fn peek(self) -> Option<f64>;
}

impl<'a> Last for std::iter::Peekable<std::slice::Iter<'a, f64>> {
    fn peek(self) -> Option<f64> {
        self.last().copied()
    }
}

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut it = x.iter().peekable();
    let first = *it.next().unwrap();
    if let Some(v) = it.peek() { v * first } else { first }
}

fn main() {}
