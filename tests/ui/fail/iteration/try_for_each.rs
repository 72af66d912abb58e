use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let _ = x.iter().try_for_each(|v| {
        s += v * v;
        if s > 10.0 { None } else { Some(()) }
    });
    s
}

fn main() {}
