use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let c = std::cell::OnceCell::new();
    c.get_or_init(|| x * x) * 2.0
}

fn main() {}
