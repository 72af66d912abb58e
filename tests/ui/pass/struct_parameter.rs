use differentiable::prelude::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Params {
    w: [f64; 2],
    b: f64,
}

#[differentiable(wrt(p))]
fn f(p: &Params, x: &[f64; 2]) -> f64 {
    p.w[0] * x[0] + p.w[1] * x[1] + p.b
}

fn main() {
    let p = Params { w: [1.0, 2.0], b: 3.0 };
    assert_eq!(f::grad(&p, &[5.0, 7.0]), Params { w: [5.0, 7.0], b: 1.0 });
}
