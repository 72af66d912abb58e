use differentiable::prelude::*;

#[derive(Clone, Differentiable)]
struct S {
    x: f64,
    #[differentiable(skip)]
    scale: f64,
}

#[differentiable]
fn literal(x: f64) -> f64 {
    let s = S { x, scale: 2.0 * x };
    s.x * s.scale
}

#[differentiable(wrt(s))]
fn store(s: &mut S) {
    s.scale = s.x;
}

#[differentiable(wrt(s))]
fn allowed(s: &S) -> f64 {
    let mut t = S { x: s.x, scale: s.scale };
    t.scale = s.scale;
    t.scale = 2.0;
    t.x * t.scale
}

fn main() {}
