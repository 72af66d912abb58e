use differentiable::prelude::*;

mod m {
    use differentiable::prelude::*;
    #[derive(Clone, Differentiable)]
    pub struct P {
        k: f64,
    }
}

#[differentiable(wrt(p))]
fn f(p: &m::P, x: f64) -> f64 {
    p.k * x
}

fn main() {}
