use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    std::thread::scope(|s| s.spawn(|| x * x).join().unwrap())
}

fn main() {}
