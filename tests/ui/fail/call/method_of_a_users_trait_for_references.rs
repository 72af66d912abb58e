use differentiable::prelude::*;

trait AtLeast {
    fn max(&self, other: f64) -> f64;
}

impl AtLeast for &f64 {
    fn max(&self, other: f64) -> f64 {
        if **self > other { 10.0 * **self } else { other }
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    x.iter().filter(|x| x.max(0.0) > 0.0).map(|x| x * x).sum::<f64>() + twice(&x[0])
}

#[differentiable]
fn twice(x: &f64) -> f64 {
    let x = &x;
    x.max(0.0)
}

fn main() {}
