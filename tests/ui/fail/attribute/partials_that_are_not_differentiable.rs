use differentiable::prelude::*;

fn table(x: f64) -> f64 {
    x.round()
}

#[differentiable(second_order, partials(x = table(x)))]
fn looked_up(x: f64) -> f64 {
    x * x.round()
}

#[differentiable(second_order, partials(x = f64::from_bits(x.to_bits())))]
fn from_bits(x: f64) -> f64 {
    x * x / 2.0
}

fn main() {}
