use differentiable::prelude::*;
use std::fmt::Write;

#[differentiable]
fn f(x: f64) -> f64 {
    let mut text = String::new();
    write!(text, "{x}").unwrap();
    x * text.len() as f64
}

fn main() {}
