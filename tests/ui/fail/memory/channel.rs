use differentiable::prelude::*;

#[differentiable]
fn f(x: f64) -> f64 {
    let (s, r) = std::sync::mpsc::channel();
    s.send(x).unwrap();
    r.recv().unwrap() * x
}

fn main() {}
