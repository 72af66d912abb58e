use differentiable::prelude::*;

struct S;
impl S {
    #[differentiable]
    fn f(&self, x: f64) -> f64 {
        x.sni() + x.csoh(1.0)
    }
}

fn main() {}
