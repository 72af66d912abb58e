use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut n = 0;
    std::iter::from_fn(|| {
        n += 1;
        (n < 4).then_some(x)
    })
    .sum()
}

fn main() {}
