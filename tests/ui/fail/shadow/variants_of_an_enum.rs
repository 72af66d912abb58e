use differentiable::prelude::*;

enum Maybe<T> {
    Some(T),
    None,
}
use Maybe::{None, Some};

impl<T> Maybe<T> {
    fn unwrap_or(self, other: T) -> T {
        match self {
            Some(_) | None => other,
        }
    }
}

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    let o = if y > 0.0 { Some(x * y) } else { None };
    o.unwrap_or(y)
}

fn main() {}
