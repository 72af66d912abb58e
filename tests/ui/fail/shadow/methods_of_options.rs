use differentiable::prelude::*;

trait Maybe {
    fn is_some(self) -> bool;
    fn as_ref(self) -> Option<f64>;
    fn unwrap_or(&self, other: f64) -> f64;
}

impl Maybe for Option<f64> {
    fn is_some(self) -> bool {
        false
    }
    fn as_ref(self) -> Option<f64> {
        self.map(|x| 2.0 * x)
    }
    fn unwrap_or(&self, other: f64) -> f64 {
        other
    }
}

#[differentiable]
fn f(x: f64, y: f64) -> f64 {
    let o = if y > 0.0 { Some(x * y) } else { None };
    let r = &o;
    if o.is_some() { o.as_ref().map_or(x, |v| v * v) } else { r.unwrap_or(y) }
}

fn main() {}
