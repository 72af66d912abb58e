use differentiable::prelude::*;

#[differentiable]
fn f(x: &[f64]) -> f64 {
    let mut words = "a b end c".split(' ');
    let mut s = 0.0;
    for (v, word) in x.iter().zip(words.by_ref()) {
        if word == "end" {
            break;
        }
        s += v * v;
    }
    s * words.count() as f64
}

fn main() {}
