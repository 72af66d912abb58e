use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let g: [&dyn Fn(f64) -> f64; 2] = [&|a| a * x, &|a| a + x];
    g[0](x)
}

fn main() {}
