use differentiable::prelude::*;

macro_rules! skip_if {
    ($condition:expr) => {
        if $condition {
            continue;
        }
    };
}

#[differentiable]
fn f(x: &[f64; 4]) -> f64 {
    let mut total = 0.0;
    for i in 0..4 {
        skip_if!(i % 2 == 0);
        total += x[i] * x[i];
    }
    total
}

fn main() {}
