use differentiable::prelude::*;

trait AtLeast {
    fn max(&mut self, other: f64) -> f64;
}

impl AtLeast for f64 {
    fn max(&mut self, other: f64) -> f64 {
        if *self > other { 10.0 * *self } else { other }
    }
}

#[differentiable]
fn f(x: &[f64; 3]) -> f64 {
    let mut scaled = *x;
    for x in scaled.iter_mut() {
        *x = x.max(0.0);
    }
    scaled[0] * scaled[1]
}

#[differentiable]
fn of_a_parameter(x: &mut f64) -> f64 {
    x.max(0.0)
}

fn main() {}
