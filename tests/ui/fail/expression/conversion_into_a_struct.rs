use differentiable::prelude::*;

struct W(f64);
impl From<f64> for W {
    fn from(x: f64) -> W {
        W(x)
    }
}

#[differentiable]
fn f(x: f64) -> f64 {
    let w: W = x.into();
    w.0 * x
}

fn main() {}
